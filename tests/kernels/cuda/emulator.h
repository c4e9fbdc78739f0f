// CUDA source on a CPU, unchanged: every CUDA thread of a block is a fiber that runs until its next barrier.
//
// Between two barriers the threads run one after the other, in a given order: 0 forward, 1 backward, else shuffled anew
// each time. Where a result depends on the order, a barrier is missing. Shared memory begins as NaN in every block.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <tuple>
#include <ucontext.h>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __shared__
#define __launch_bounds__(threads)

struct float4 {
  float x, y, z, w;
};
static float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

static struct {
  unsigned x, y;
} threadIdx, blockIdx, blockDim;

static const int ROOM = 232448;  // bytes of shared memory that a block may have
alignas(16) float4 memory[ROOM / 16];

enum Outcome { DONE, SOME_SKIPPED_A_BARRIER, WROTE_BEYOND_SHARED_MEMORY };

static ucontext_t scheduler;
static std::vector<ucontext_t> fibers;
static int finished;

static void __syncthreads() { swapcontext(&fibers[threadIdx.x], &scheduler); }

template <class Body>
static void enter(unsigned low, unsigned high) {
  (*(Body*)((size_t)high << 32 | low))();
  finished++;
}

// Run one block; `body` is what each thread does.
template <class Body>
static Outcome run_block(int threads, int order, std::mt19937& random, Body& body) {
  const size_t stack = 1 << 16;
  std::vector<char> stacks(stack * threads);
  std::vector<int> turn(threads);
  fibers.resize(threads);
  finished = 0;
  for (int n = 0; n < threads; n++) {
    turn[n] = order == 1 ? threads - 1 - n : n;
    getcontext(&fibers[n]);
    fibers[n].uc_stack.ss_sp = &stacks[stack * n];
    fibers[n].uc_stack.ss_size = stack;
    fibers[n].uc_link = &scheduler;
    makecontext(&fibers[n], (void (*)())enter<Body>, 2, (unsigned)(size_t)&body, (unsigned)((size_t)&body >> 32));
  }
  while (finished < threads) {
    if (order > 1) std::shuffle(turn.begin(), turn.end(), random);
    for (int n : turn) {
      threadIdx.x = n;
      swapcontext(&scheduler, &fibers[n]);
    }
    if (finished && finished < threads) return SOME_SKIPPED_A_BARRIER;
  }
  return DONE;
}

// Launch a kernel as the driver does: `values` are pointers to its arguments.
template <class... A>
static Outcome launch(void (*kernel)(A...), const int* blocks, int threads, int shared, int order, void** values) {
  std::mt19937 random(order);
  int n = 0;
  std::tuple<A...> arguments{*(A*)values[n++]...};
  auto body = [&] { std::apply(kernel, arguments); };
  blockDim.x = threads;
  for (blockIdx.y = 0; blockIdx.y < (unsigned)blocks[1]; blockIdx.y++)
    for (blockIdx.x = 0; blockIdx.x < (unsigned)blocks[0]; blockIdx.x++) {
      memset(memory, 0xff, ROOM);
      const Outcome outcome = run_block(threads, order, random, body);
      if (outcome != DONE) return outcome;
      const char* byte = (const char*)memory;
      if (std::any_of(byte + shared, byte + ROOM, [](char c) { return c != (char)0xff; }))
        return WROTE_BEYOND_SHARED_MEMORY;
    }
  return DONE;
}

// Make a kernel callable from outside.
#define OFFER(kernel)                                                                                        \
  extern "C" int run_##kernel(const int* blocks, int threads, int shared, int order, void** values) {        \
    return launch(kernel, blocks, threads, shared, order, values);                                           \
  }
