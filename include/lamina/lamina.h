// lamina for C, and for languages that call C: load a model, compile it for this CPU, run rows through it.
// SPDX-License-Identifier: Apache-2.0
//
// Errors: what can fail returns a lamina_status; lamina_last_error() then tells more. Nothing throws, prints or ends
// the process, also when memory runs out (but oneTBB 2021.8 ends it when memory fails while it starts, which is in
// the first workspace for several threads of a process). Out-parameters are written on success only. A null handle is
// an error; to the functions that only read or free one it is empty.
//
// Threads: a lamina_model and a lamina_plan never change, so any number of threads may use one at once; so they may a
// lamina_batcher and a lamina_stop_source. A lamina_workspace serves one call at a time. Handles are independent: each
// may be freed while others live on, but not while a call that was given it lasts.
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

typedef struct lamina_model lamina_model;              // a network with its weights, independent of the machine
typedef struct lamina_plan lamina_plan;                // the same made ready for this CPU
typedef struct lamina_workspace lamina_workspace;      // scratch memory of one caller
typedef struct lamina_profiler lamina_profiler;        // where the time of a run went
typedef struct lamina_stop_source lamina_stop_source;  // tells runs that they are to be given up
typedef struct lamina_batcher lamina_batcher;          // joins requests of many threads into runs of one plan

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

// What becomes of numbers below 1.2e-38, which some CPUs compute a hundred times slower.
typedef int32_t lamina_denormals;
enum {
  LAMINA_DENORMALS_PRESERVE = 0,  // computed as IEEE 754 says
  LAMINA_DENORMALS_FLUSH = 1      // taken as zero, in inputs and results
};

// Threads of the host: calls run(task, 0), ..., run(task, count - 1), each once, in any order, in any threads, and
// returns when all that it has begun are over. It may leave some out: the caller's thread then does their work.
typedef void (*lamina_task)(void* task, size_t index);
typedef void (*lamina_parallel_for)(void* context, size_t count, lamina_task run, void* task);

// Fill with LAMINA_COMPILE_OPTIONS_INIT.
typedef struct lamina_compile_options {
  size_t struct_size;
  const int64_t* input_shape;  // of one row, where the model does not determine it; else null
  size_t input_rank;
  int32_t threads;  // most threads of one run; 0: one, the caller's; LAMINA_ALL_CPUS: all effective CPUs
  lamina_isa isa;
  int32_t no_fusion;                 // nonzero: each layer as the file has it
  int32_t read_zeros;                // nonzero: weights that meet an exact zero are read too (same bits)
  lamina_denormals denormals;        // in every thread of a run, whose own mode is left as it was found
  int32_t reserved;                  // 0
  lamina_parallel_for parallel_for;  // where runs on several threads get them; null: from oneTBB
  void* parallel_for_context;
} lamina_compile_options;
#define LAMINA_COMPILE_OPTIONS_INIT \
  { sizeof(lamina_compile_options), NULL, 0, 0, LAMINA_ISA_BEST, 0, 0, LAMINA_DENORMALS_PRESERVE, 0, NULL, NULL }

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

// ---- profile --------------------------------------------------------------------------------------------------------

// Steps of a plan: each does one or more layers. Texts belong to the plan; null where index is out of range.
LAMINA_API size_t lamina_plan_step_count(const lamina_plan* plan);
LAMINA_API const char* lamina_plan_step_layers(const lamina_plan* plan, size_t index);     // "0+1"
LAMINA_API const char* lamina_plan_step_operation(const lamina_plan* plan, size_t index);  // "Linear 784 -> 128 + ReLU"
LAMINA_API const char* lamina_plan_step_kernel(const lamina_plan* plan, size_t index);     // "linear_f32 6x64 avx512"

// A profiler serves one call at a time.
LAMINA_API lamina_status lamina_profiler_create(const lamina_plan* plan, lamina_profiler** profiler);
LAMINA_API void lamina_profiler_free(lamina_profiler* profiler);
// lamina_run that reads the clock between steps, some 20 ns each.
LAMINA_API lamina_status lamina_run_profiled(const lamina_plan* plan, const float* x, float* y, size_t rows,
                                             lamina_workspace* workspace, lamina_profiler* profiler);
// Of the latest run, 0 before the first: all of it, one step as the mean over the threads that shared the run, and how
// many threads those were. What the steps do not add up to is calling and awaiting threads.
LAMINA_API uint64_t lamina_profiler_nanoseconds(const lamina_profiler* profiler);
LAMINA_API uint64_t lamina_profiler_step_nanoseconds(const lamina_profiler* profiler, size_t index);
LAMINA_API int32_t lamina_profiler_threads(const lamina_profiler* profiler);

// ---- giving up, and workspaces from a pool --------------------------------------------------------------------------

// Fill with LAMINA_RUN_OPTIONS_INIT.
typedef struct lamina_run_options {
  size_t struct_size;
  uint64_t timeout_us;             // from the call on; 0: none. Then LAMINA_DEADLINE_EXCEEDED
  const lamina_stop_source* stop;  // null, or whose request ends the run with LAMINA_CANCELLED
} lamina_run_options;
#define LAMINA_RUN_OPTIONS_INIT \
  { sizeof(lamina_run_options), 0, NULL }

LAMINA_API lamina_status lamina_stop_source_create(lamina_stop_source** source);
// Once and for good, for all runs that were given this source. From any thread, but not from a signal handler.
LAMINA_API void lamina_stop_source_request(lamina_stop_source* source);
LAMINA_API void lamina_stop_source_free(lamina_stop_source* source);

// lamina_run that can be given up, before each layer of each block of rows: y then holds nothing of use. options may be
// null. workspace may be null too: then it comes from a lock-free pool of the plan, which takes no memory once as many
// threads at a time have been here before, or lamina_plan_warm_up() has.
LAMINA_API lamina_status lamina_run_with(const lamina_plan* plan, const float* x, float* y, size_t rows,
                                         lamina_workspace* workspace, const lamina_run_options* options);
// Workspaces for `callers` threads at once, at most 64, and a run of zeros in each.
LAMINA_API lamina_status lamina_plan_warm_up(const lamina_plan* plan, size_t callers);

// ---- batcher --------------------------------------------------------------------------------------------------------
//
// Joins requests that come at the same time, of 1 to max_batch rows, into runs of one plan. No answer is changed by it:
// a row has the same bits in any batch. It has no thread: a caller that finds it idle runs its own rows, those that
// come meanwhile queue and are run together by one of them.

// Fill with LAMINA_BATCHER_OPTIONS_INIT; zeros are the defaults.
typedef struct lamina_batcher_options {
  size_t struct_size;
  size_t max_batch;        // most rows of a run, and of a request; 0: 64
  uint64_t max_delay_us;   // how long a request may wait for others although nothing runs
  size_t max_queue_rows;   // rows that may wait, beyond it LAMINA_UNAVAILABLE; 0: 16 x max_batch
  size_t concurrent_runs;  // 0: effective CPUs / threads of the plan
} lamina_batcher_options;
#define LAMINA_BATCHER_OPTIONS_INIT \
  { sizeof(lamina_batcher_options), 0, 0, 0, 0 }

// Since it was made; each request ends in one of the first five. Fill with LAMINA_BATCHER_STATS_INIT before the call.
typedef struct lamina_batcher_stats {
  size_t struct_size;
  uint64_t answered, refused, cancelled, expired, failed;
  uint64_t runs, rows;            // rows / runs is the mean batch
  uint64_t queued_rows, running;  // now
} lamina_batcher_stats;
#define LAMINA_BATCHER_STATS_INIT \
  { sizeof(lamina_batcher_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0 }

// What a submitted request ended with. lamina_last_error() of this thread tells more where status is not LAMINA_OK.
typedef void (*lamina_done)(void* context, lamina_status status);

// The plan may be freed before the batcher. options may be null.
LAMINA_API lamina_status lamina_batcher_create(const lamina_plan* plan, const lamina_batcher_options* options,
                                               lamina_batcher** batcher);
// lamina_batcher_stop() first. Not in a callback of this batcher, and with no other call going on.
LAMINA_API void lamina_batcher_free(lamina_batcher* batcher);
// Waits for the answer; a timeout or a stop fires while it waits, however long others run. With its answer it may first
// run what others have submitted, callbacks included, until another call relieves it. options may be null.
LAMINA_API lamina_status lamina_batcher_run(lamina_batcher* batcher, const float* x, float* y, size_t rows,
                                            const lamina_run_options* options);
// Does not wait: done(context, status) is called once, in this thread or in another one, before or after this returns;
// x and y must last until then. Never called where this returns an error. Where a run is free it is done by this call.
// `done` should be short, and may submit; lamina_batcher_run() and _stop() fail in it. Nobody waits for a submitted
// request, so its timeout or stop is noticed when any call is made, when a run ends, or by lamina_batcher_expire().
LAMINA_API lamina_status lamina_batcher_submit(lamina_batcher* batcher, const float* x, float* y, size_t rows,
                                               const lamina_run_options* options, lamina_done done, void* context);
// The same for a thread that has several requests at once: queues only, and runs nothing. lamina_batcher_flush() must
// follow, which runs what is queued.
LAMINA_API lamina_status lamina_batcher_enqueue(lamina_batcher* batcher, const float* x, float* y, size_t rows,
                                                const lamina_run_options* options, lamina_done done, void* context);
LAMINA_API lamina_status lamina_batcher_flush(lamina_batcher* batcher);
// Ends submitted requests whose time is over or whose stop was requested, for a timer of the host.
LAMINA_API lamina_status lamina_batcher_expire(lamina_batcher* batcher);
// Microseconds until that timer should fire; UINT64_MAX where no submitted request that waits has a timeout.
LAMINA_API uint64_t lamina_batcher_next_expiry_us(const lamina_batcher* batcher);
// Refuses what comes from now on (LAMINA_UNAVAILABLE), answers what is queued, returns when no request is left.
LAMINA_API lamina_status lamina_batcher_stop(lamina_batcher* batcher);
LAMINA_API lamina_status lamina_batcher_read_stats(const lamina_batcher* batcher, lamina_batcher_stats* stats);

#ifdef __cplusplus
}
#endif

#endif
