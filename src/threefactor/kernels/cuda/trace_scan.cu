// The exponential trace along time: a thread per number, no weights, no barrier.
//
// Launch with (numbers / threads, rounded up; networks) blocks. float32.

// trace[t+1] = decay trace[t] + fresh values[t]. trace[0] is given.
extern "C" __global__ void trace_scan(const float* __restrict__ values, float* __restrict__ trace, float decay,
                                      float fresh, int numbers, int steps) {
  const int n = blockIdx.x * blockDim.x + threadIdx.x;
  if (n >= numbers) return;
  values += (size_t)blockIdx.y * steps * numbers + n;
  trace += (size_t)blockIdx.y * (steps + 1) * numbers + n;
  float x = trace[0];
#pragma unroll 8
  for (int t = 0; t < steps; t++) {
    x = decay * x + fresh * values[(size_t)t * numbers];
    trace[(size_t)(t + 1) * numbers] = x;
  }
}
