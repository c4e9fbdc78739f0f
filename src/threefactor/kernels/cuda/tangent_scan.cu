// The scan of the state tangents: one thread block per network and slice of coefficients over all steps, the weights
// in shared memory.
//
// A thread makes a tile of four units by four coefficients. G groups of threads share the sum over the units; group 0
// keeps the tangents in registers and adds the shares of the others. Compile with
//   N  units; any number
//   S  tiles of coefficients in a slice; where the coefficients end is told at launch
//   G  groups
// Launch with (networks, slices) blocks of Q S G threads and 16 (N Q + N S + 4 (G - 1) Q S) bytes of shared memory.
// float32; where N is a multiple of 4, slope and drive and tangent begin at multiples of 16 bytes.
#define Q ((N + 3) / 4)
#define TILES (Q * S)

extern __shared__ float4 memory[];

// Load the values of four units; zero where there is no such unit or nothing to load.
__device__ void load(const float* from, bool there, int row, float (&to)[4]) {
  if (N % 4 == 0) {
    const float4 v = there ? *(const float4*)from : make_float4(0.f, 0.f, 0.f, 0.f);
    to[0] = v.x, to[1] = v.y, to[2] = v.z, to[3] = v.w;
    return;
  }
#pragma unroll
  for (int i = 0; i < 4; i++) to[i] = there && row + i < N ? from[i] : 0.f;
}

__device__ void store(float* to, int row, const float (&from)[4]) {
  if (N % 4 == 0) {
    *(float4*)to = make_float4(from[0], from[1], from[2], from[3]);
    return;
  }
#pragma unroll
  for (int i = 0; i < 4; i++)
    if (row + i < N) to[i] = from[i];
}

// Keep the transpose of the weights: at k Q + q, what units 4q .. 4q + 3 hear from unit k.
__device__ void keep(const float* weights) {
  for (int n = threadIdx.x; n < 4 * Q * N; n += blockDim.x)
    ((float*)memory)[n % N * 4 * Q + n / N] = n < N * N ? weights[n] : 0.f;
}

// Add this group's share of W v to the sums of the tile: sum[p][i] of coefficient p and unit i.
__device__ void multiply(const float4* v, int q, int s, int g, float (&sum)[4][4]) {
  const int share = (N + G - 1) / G, end = (g + 1) * share < N ? (g + 1) * share : N;
#pragma unroll 4
  for (int k = g * share; k < end; k++) {
    const float4 x = memory[k * Q + q], y = v[k * S + s];
    const float w[4] = {x.x, x.y, x.z, x.w}, value[4] = {y.x, y.y, y.z, y.w};
#pragma unroll
    for (int p = 0; p < 4; p++)
#pragma unroll
      for (int i = 0; i < 4; i++) sum[p][i] = fmaf(w[i], value[p], sum[p][i]);
  }
}

// Hand the sums of the tile to group 0.
__device__ void give(float4* shares, int tile, int g, const float (&sum)[4][4]) {
#pragma unroll
  for (int p = 0; p < 4; p++)
    shares[((g - 1) * 4 + p) * TILES + tile] = make_float4(sum[p][0], sum[p][1], sum[p][2], sum[p][3]);
}

__device__ void take(const float4* shares, int tile, float (&sum)[4][4]) {
#pragma unroll
  for (int h = 0; h < G - 1; h++)
#pragma unroll
    for (int p = 0; p < 4; p++) {
      const float4 v = shares[(h * 4 + p) * TILES + tile];
      sum[p][0] += v.x, sum[p][1] += v.y, sum[p][2] += v.z, sum[p][3] += v.w;
    }
}

// chi[t+1] = chi[t] + gain (W (slope[t] chi[t]) + drive[t] - chi[t]). tangent[0] is given.
extern "C" __global__ void __launch_bounds__(TILES* G)
    tangent_scan(const float* weights, const float* slope, const float* drive, const float* gain, float* tangent,
                 int coefficients, int steps) {
  float4 *v = memory + N * Q, *shares = v + N * S;
  const int tile = threadIdx.x % TILES, s = tile % S, q = tile / S, g = threadIdx.x / TILES, row = 4 * q;
  const int first = 4 * (blockIdx.y * S + s);
  const size_t frame = (size_t)coefficients * N;
  slope += (size_t)blockIdx.x * steps * N + row;
  drive += (size_t)blockIdx.x * steps * frame + (size_t)first * N + row;
  tangent += (size_t)blockIdx.x * (steps + 1) * frame + (size_t)first * N + row;
  keep(weights + (size_t)blockIdx.x * N * N);
  float leak[4], chi[4][4], driven[4][4], phi[4];
  load(gain + row, true, row, leak);
#pragma unroll
  for (int p = 0; p < 4; p++) load(tangent + p * N, first + p < coefficients, row, chi[p]);
  for (int t = 0; t < steps; t++) {
    if (g == 0) {
      load(slope + (size_t)t * N, true, row, phi);
#pragma unroll
      for (int p = 0; p < 4; p++) load(drive + t * frame + p * N, first + p < coefficients, row, driven[p]);
#pragma unroll
      for (int i = 0; i < 4; i++)
        if (row + i < N)
          v[(row + i) * S + s] = make_float4(phi[i] * chi[0][i], phi[i] * chi[1][i], phi[i] * chi[2][i], phi[i] * chi[3][i]);
    }
    __syncthreads();
    float sum[4][4] = {};
    multiply(v, q, s, g, sum);
    if (g > 0) give(shares, tile, g, sum);
    __syncthreads();
    if (g == 0) {
      take(shares, tile, sum);
#pragma unroll
      for (int p = 0; p < 4; p++) {
#pragma unroll
        for (int i = 0; i < 4; i++) chi[p][i] += leak[i] * (sum[p][i] + driven[p][i] - chi[p][i]);
        if (first + p < coefficients) store(tangent + (t + 1) * frame + p * N, row, chi[p]);
      }
    }
  }
}
