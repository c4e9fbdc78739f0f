// The state scan and its adjoint: one thread block per network over all steps, the weights in registers.
//
// Thread (g, q) holds rows 4q .. 4q + 3 of columns gK .. gK + K - 1. A product takes two barriers: the vector is
// published, every thread makes its share of four sums, and the owner of a unit, the thread of its number, adds the
// shares of all groups. Compile with
//   N  units; any number, the rows and columns beyond it weigh zero
//   K  columns a thread holds, a multiple of 4
//   G  groups of columns, at least 4, so that there is a thread for each unit; G K >= N
//   ACTIVATION  of the rates: 0 tanh, 1 relu, 2 softplus; left out, tanh
// Launch with networks blocks of Q G threads and 4 (G K + 4 G Q) bytes of shared memory. float32.
#define Q ((N + 3) / 4)
#ifndef ACTIVATION
#define ACTIVATION 0
#endif

// A float4 is a place in shared memory that is read and written at once.
extern __shared__ float4 memory[];

// Load the weights that this thread holds; the product is with the transpose where so asked.
__device__ void hold(const float* weights, bool transposed, float (&held)[4][K]) {
  const int row = 4 * (threadIdx.x % Q), column = K * (threadIdx.x / Q);
#pragma unroll
  for (int a = 0; a < 4; a++)
#pragma unroll
    for (int k = 0; k < K; k++) {
      const int i = row + a, j = column + k;
      held[a][k] = i < N && j < N ? weights[transposed ? j * N + i : i * N + j] : 0.f;
    }
}

// Zero the places of the vector that stand for no unit: their weight is zero, but zero times NaN is not.
__device__ void clear() {
  for (int n = N + threadIdx.x; n < G * K; n += blockDim.x) ((float*)memory)[n] = 0.f;
}

// Return the sum of this thread's unit: row threadIdx.x of the weights times the vector of all threads' values.
__device__ float multiply(const float (&held)[4][K], float value) {
  const int n = threadIdx.x, q = n % Q, g = n / Q;
  float4* shares = memory + G * K / 4;
  if (n < N) ((float*)memory)[n] = value;
  __syncthreads();
  float sum[4] = {0.f, 0.f, 0.f, 0.f};
#pragma unroll
  for (int k = 0; k < K; k += 4) {
    const float4 v = memory[(g * K + k) / 4];
#pragma unroll
    for (int a = 0; a < 4; a++) {
      sum[a] = fmaf(held[a][k], v.x, sum[a]);
      sum[a] = fmaf(held[a][k + 1], v.y, sum[a]);
      sum[a] = fmaf(held[a][k + 2], v.z, sum[a]);
      sum[a] = fmaf(held[a][k + 3], v.w, sum[a]);
    }
  }
  shares[g * Q + q] = make_float4(sum[0], sum[1], sum[2], sum[3]);
  __syncthreads();
  float total = 0.f;
  if (n < N)
#pragma unroll
    for (int h = 0; h < G; h++) total += ((const float*)(shares + h * Q))[n];
  return total;
}

// Return the rate of a state; what is not a number stays so.
__device__ float phi(float x) {
  const float positive = x <= 0.f ? 0.f : x;
  if (ACTIVATION == 1) return positive;
  if (ACTIVATION == 2) return positive + log1pf(expf(-fabsf(x)));
  return tanhf(x);
}

// x[t+1] = x[t] + gain (W phi(x[t]) + drive[t] - x[t]), and the rates phi(x). state[0] is given.
extern "C" __global__ void __launch_bounds__(Q* G)
    scan(const float* weights, const float* drive, const float* gain, float* state, float* rate, int steps) {
  const int n = threadIdx.x;
  const bool unit = n < N;
  drive += (size_t)blockIdx.x * steps * N + n;
  state += (size_t)blockIdx.x * (steps + 1) * N + n;
  rate += (size_t)blockIdx.x * (steps + 1) * N + n;
  float held[4][K];
  hold(weights + (size_t)blockIdx.x * N * N, false, held);
  clear();
  const float g = unit ? gain[n] : 0.f;
  float x = unit ? state[0] : 0.f, r = phi(x);
  for (int t = 0; t < steps; t++) {
    const float driven = unit ? drive[(size_t)t * N] : 0.f;
    if (unit) rate[(size_t)t * N] = r;
    const float recurrent = multiply(held, r);
    x += g * (recurrent + driven - x);
    r = phi(x);
    if (unit) state[(size_t)(t + 1) * N] = x;
  }
  if (unit) rate[(size_t)steps * N] = r;
}

// a[t] = a[t+1] - gain a[t+1] + slope[t] W^T (gain a[t+1]) + source[t], from a[T] = source[T].
extern "C" __global__ void __launch_bounds__(Q* G) adjoint_scan(const float* weights, const float* slope,
                                                                const float* source, const float* gain,
                                                                float* adjoint, int steps) {
  const int n = threadIdx.x;
  const bool unit = n < N;
  slope += (size_t)blockIdx.x * (steps + 1) * N + n;
  source += (size_t)blockIdx.x * (steps + 1) * N + n;
  adjoint += (size_t)blockIdx.x * (steps + 1) * N + n;
  float held[4][K];
  hold(weights + (size_t)blockIdx.x * N * N, true, held);
  clear();
  const float g = unit ? gain[n] : 0.f;
  float a = unit ? source[(size_t)steps * N] : 0.f;
  if (unit) adjoint[(size_t)steps * N] = a;
  for (int t = steps - 1; t >= 0; t--) {
    const float s = unit ? slope[(size_t)t * N] : 0.f, given = unit ? source[(size_t)t * N] : 0.f;
    const float pushed = g * a;
    const float recurrent = multiply(held, pushed);
    a += s * recurrent + given - pushed;
    if (unit) adjoint[(size_t)t * N] = a;
  }
}
