// lamina for C, and for languages that call C: load a model, compile it for this CPU, run rows through it.
// SPDX-License-Identifier: Apache-2.0
//
// Errors: what can fail returns a lamina_status; lamina_last_error() then tells more. Nothing throws, prints or ends
// the process, also when memory runs out (but oneTBB 2021.8 ends it when memory fails while it starts, which is in
// the first workspace for several threads of a process). Out-parameters are written on success only. A null handle is
// an error; to the functions that only read or free one it is empty.
//
// Threads: a lamina_model and a lamina_plan never change, so any number of threads may use one at once. A
// lamina_workspace serves one call at a time. Handles are independent: each may be freed while others live on.
//
// ABI: numbers keep their meaning and functions their parameters for as long as lamina_abi_version() says 1. Options
// grow at their end only: struct_size tells which fields the caller knows, and zero in any other means the default.
#ifndef LAMINA_LAMINA_H
#define LAMINA_LAMINA_H

#include <lamina/export.hpp>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t lamina_status;
enum {
  LAMINA_OK = 0,
  LAMINA_IO = 1,                   // the operating system refused: cannot open, read, write or rename
  LAMINA_TRUNCATED = 2,            // the data ends before what it declares
  LAMINA_MALFORMED = 3,            // the data breaks the rules of its format, or a text its grammar
  LAMINA_LIMIT_EXCEEDED = 4,       // a declared size is beyond a limit of the options
  LAMINA_UNSUPPORTED_FEATURE = 5,  // a valid file or option that this lamina does not handle
  LAMINA_UNSUPPORTED_LAYER = 6,    // a layer, activation or operator that lamina does not know
  LAMINA_UNSAFE_CONTENT = 7,       // the file asks to run code or to read elsewhere; never done
  LAMINA_SHAPE_MISMATCH = 8,       // sizes that do not fit together
  LAMINA_DTYPE = 9,                // an element type that cannot be used here
  LAMINA_MISSING_WEIGHT = 10,      // a layer has no weights, or a file lacks some
  LAMINA_EXTRA_WEIGHT = 11,        // a file has weights that no layer takes
  LAMINA_INVALID_ARGUMENT = 12,    // a parameter out of its range, or a call that breaks a stated rule
  LAMINA_OUT_OF_MEMORY = 13,       // memory could not be had
  LAMINA_INTERNAL = 14,            // a defect of lamina itself: please report it
  // The model's answers are not those of its golden vectors, or it has none to check.
  LAMINA_VERIFICATION_FAILED = 15,
  LAMINA_CANCELLED = 16,          // the caller asked for it
  LAMINA_DEADLINE_EXCEEDED = 17,  // the caller's deadline passed first
  LAMINA_UNAVAILABLE = 18         // a queue is full or being shut down: the same call may succeed later, or elsewhere
};

typedef struct lamina_model lamina_model;          // a network with its weights, independent of the machine
typedef struct lamina_plan lamina_plan;            // the same made ready for this CPU
typedef struct lamina_workspace lamina_workspace;  // scratch memory of one caller

// ---- about the library ----------------------------------------------------------------------------------------------

// "0.1.0".
LAMINA_API const char* lamina_version(void);
LAMINA_API uint32_t lamina_abi_version(void);
// "shape_mismatch" for LAMINA_SHAPE_MISMATCH; never null.
LAMINA_API const char* lamina_status_name(lamina_status status);

// One line about the last failure in this thread, "" before the first: meaningful right after a call that failed.
// Valid until the next failure in this thread. Texts beyond 1 KiB are cut.
LAMINA_API const char* lamina_last_error(void);
// All problems that were found in the file, one a line, then the text that could not be read with a caret below the
// place; "" where the one line says it all. Cut at 3 KiB.
LAMINA_API const char* lamina_last_error_details(void);

// ---- model ----------------------------------------------------------------------------------------------------------

typedef struct lamina_name_pair {
  const char* name;
  const char* value;
} lamina_name_pair;

// Fill with LAMINA_LOAD_OPTIONS_INIT. Texts and arrays belong to the caller and are not needed after the call.
typedef struct lamina_load_options {
  size_t struct_size;
  const char* architecture;     // beside a file that has only weights: PyTorch's, Keras's or class text
  const char* configuration;    // config.json: arguments of class text
  const char* prefix;           // only tensors whose name starts so, without it: "actor."
  const char* output_name;      // of a file that has several outputs
  const lamina_name_pair* map;  // layer's name -> name of its tensors in the file
  size_t map_count;
  const lamina_name_pair* arguments;  // of __init__ of class text
  size_t argument_count;
  int32_t keras_version;      // 2 or 3, for Keras code
  int32_t allow_unused;       // nonzero: tensors that no layer takes become notes instead of an error
  int32_t external_data;      // nonzero: an ONNX file may keep weights in other files of its folder
  int32_t verify;             // nonzero: the file's golden vectors are run before the model is handed over
  double tolerance_relative;  // of verify; 0 in both: the defaults of lamina::Tolerance
  double tolerance_absolute;
  // Upper bounds that are checked before memory is taken; 0: the defaults of lamina::Limits.
  uint64_t max_file_bytes, max_weight_bytes, max_header_bytes, max_text_bytes, max_tensors, max_layers, max_nesting;
} lamina_load_options;
#define LAMINA_LOAD_OPTIONS_INIT \
  { sizeof(lamina_load_options), NULL, NULL, NULL, NULL, NULL, 0, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

// Reads a model whole and exactly, or fails; the bytes decide which format it is. options may be null.
LAMINA_API lamina_status lamina_load(const char* path, const lamina_load_options* options, lamina_model** model);
// The same from memory, which is not needed after the call.
LAMINA_API lamina_status lamina_load_memory(const void* bytes, size_t size, const lamina_load_options* options,
                                            lamina_model** model);
// Writes a safetensors file that loads as the same model, bit for bit; the old file or the whole new one remains.
LAMINA_API lamina_status lamina_save(const lamina_model* model, const char* path);
LAMINA_API void lamina_model_free(lamina_model* model);

LAMINA_API size_t lamina_model_input_count(const lamina_model* model);
LAMINA_API size_t lamina_model_output_count(const lamina_model* model);
// Null where index is out of range. Texts and shapes belong to the handle.
LAMINA_API const char* lamina_model_input_name(const lamina_model* model, size_t index);
LAMINA_API const char* lamina_model_output_name(const lamina_model* model, size_t index);
// Dimensions of one row (without the batch); null where the file does not determine them.
LAMINA_API const int64_t* lamina_model_input_shape(const lamina_model* model, size_t* rank);
LAMINA_API const int64_t* lamina_model_output_shape(const lamina_model* model, size_t* rank);
// What the reader assumed or left aside.
LAMINA_API size_t lamina_model_note_count(const lamina_model* model);
LAMINA_API const char* lamina_model_note(const lamina_model* model, size_t index);
// The table of layers as Keras prints it, and the network as PyTorch prints it; lamina_text_free() takes them.
LAMINA_API lamina_status lamina_model_summary(const lamina_model* model, char** text);
LAMINA_API lamina_status lamina_model_print(const lamina_model* model, char** text);
LAMINA_API void lamina_text_free(char* text);

// ---- plan -----------------------------------------------------------------------------------------------------------

#define LAMINA_ALL_CPUS (-1)

typedef int32_t lamina_isa;
enum {
  LAMINA_ISA_BEST = 0,  // that this CPU has
  LAMINA_ISA_SSE4 = 1,
  LAMINA_ISA_AVX2 = 2,
  LAMINA_ISA_AVX512 = 3,
  LAMINA_ISA_NEON = 4
};

// Fill with LAMINA_COMPILE_OPTIONS_INIT.
typedef struct lamina_compile_options {
  size_t struct_size;
  const int64_t* input_shape;  // of one row, where the model does not determine it; else null
  size_t input_rank;
  int32_t threads;  // most threads of one run; 0: one, the caller's; LAMINA_ALL_CPUS: all effective CPUs
  lamina_isa isa;
  int32_t no_fusion;   // nonzero: each layer as the file has it
  int32_t read_zeros;  // nonzero: weights that meet an exact zero are read too (same bits)
} lamina_compile_options;
#define LAMINA_COMPILE_OPTIONS_INIT \
  { sizeof(lamina_compile_options), NULL, 0, 0, LAMINA_ISA_BEST, 0, 0 }

// options may be null. The model stays as it is and is not needed by the plan.
LAMINA_API lamina_status lamina_compile(const lamina_model* model, const lamina_compile_options* options,
                                        lamina_plan** plan);
// The same, for less memory: each weight is freed once it is packed. Frees the model, also on failure.
LAMINA_API lamina_status lamina_compile_and_free(lamina_model* model, const lamina_compile_options* options,
                                                 lamina_plan** plan);
LAMINA_API void lamina_plan_free(lamina_plan* plan);

// Floats per row.
LAMINA_API size_t lamina_plan_input_size(const lamina_plan* plan);
LAMINA_API size_t lamina_plan_output_size(const lamina_plan* plan);
LAMINA_API const int64_t* lamina_plan_input_shape(const lamina_plan* plan, size_t* rank);
LAMINA_API const int64_t* lamina_plan_output_shape(const lamina_plan* plan, size_t* rank);
LAMINA_API int32_t lamina_plan_threads(const lamina_plan* plan);
LAMINA_API lamina_isa lamina_plan_isa(const lamina_plan* plan);
LAMINA_API size_t lamina_plan_weight_bytes(const lamina_plan* plan);
// Nonzero where a layer works over the batch: rows then depend on each other, and a workspace needs max_rows.
LAMINA_API int32_t lamina_plan_batch_coupled(const lamina_plan* plan);

// ---- run ------------------------------------------------------------------------------------------------------------

// Scratch for at most max_rows rows a call; 0: any number.
LAMINA_API lamina_status lamina_workspace_create(const lamina_plan* plan, size_t max_rows,
                                                 lamina_workspace** workspace);
LAMINA_API void lamina_workspace_free(lamina_workspace* workspace);
LAMINA_API size_t lamina_workspace_bytes(const lamina_workspace* workspace);

// y[rows][output_size] = network(x[rows][input_size]). Takes no memory and no lock. x and y may be equal where a row
// has as many outputs as inputs, and must not overlap otherwise. The same row gives the same bits in any batch.
LAMINA_API lamina_status lamina_run(const lamina_plan* plan, const float* x, float* y, size_t rows,
                                    lamina_workspace* workspace);

#ifdef __cplusplus
}
#endif

#endif
