"""The steps of `threefactor.kernels.cpu.tangents`, compiled by numba; scratch and grid are its named tuples."""

# mypy: disable-error-code="no-untyped-def, call-arg"

from threefactor.kernels.cpu.borrow import borrow
from threefactor.kernels.cpu.jit import fast
from threefactor.kernels.cpu.lanes import ROWS, known, multiply_tile, rank_two_tile, transpose_tile
from threefactor.kernels.cpu.scans import pack_transposed

_ROWS = known(ROWS)


@fast
def through_steps(
    grid,
    weights,
    tangent,
    rate,
    slope,
    deviation,
    step_weight,
    readout,
    gain,
    decay,
    psi,
    rho,
    z,
    scratch,
    rows,
    ahead,
    back,
    width,
):
    """Take the tangents of one network after the other through the steps of a trial."""
    grid, scratch, rate, slope, deviation = borrow((grid, scratch, rate, slope, deviation))
    step_weight, readout, gain, rho = borrow((step_weight, readout, gain, rho))
    batch, steps, units = rate.shape
    count, chunk, slices = psi.shape[1], scratch.drive.shape[0], scratch.powers.shape[0]
    for b in range(batch):
        pack_transposed(weights[b], scratch.panels, width)
        for p in range(count):
            pack_transposed(tangent[b, p], scratch.tangent_panels[p], width)
            scratch.trace[p, :units] = psi[b, p]
        scratch.rates[:steps] = rate[b]
        scratch.state[:] = 0
        scratch.z[:] = 0
        for t in range(steps):
            if t % chunk == 0:
                _feed(t, scratch, width)
            s = t % chunk % slices
            _advance(t % chunk, slope[b, t], scratch, rows, width)
            _follow(t % chunk, gain, decay, readout[b, t] * slope[b, t + 1], rho[b], scratch)
            _mix(grid, rate[b, t], deviation[b, t], step_weight[t], s, scratch, width)
            _turn(s, scratch, width)
            if s == slices - 1 or t % chunk == chunk - 1 or t == steps - 1:
                _gather(grid.terms, s + 1, units, scratch, rows, ahead, back, width)
        psi[b] = scratch.trace[:count, :units]
        _unpack(scratch.z, z[b], width)


@fast
def _feed(first, scratch, width):
    """Write the drive ``U r[t]`` of a chunk of steps."""
    w = len(width)
    count, vectors, units, _ = scratch.tangent_panels.shape
    chunk, coefficients, wide = scratch.drive.shape
    scratch.drive[:] = 0
    for p in range(count):
        for v in range(vectors):
            panel = (p * vectors + v) * units * w
            for t in range(0, min(chunk, len(scratch.rates) - chunk - first), ROWS):
                at = (t * coefficients + p) * wide + v * w
                multiply_tile(
                    scratch.drive, at, coefficients * wide, scratch.rates, (first + t) * units, units, 1,
                    scratch.tangent_panels, panel, w, units, _ROWS, (0,), width,
                )  # fmt: skip


@fast
def _advance(t, slope, scratch, rows, width):
    """Write the rate tangent ``q = slope chi`` of a step, and add ``W q`` to its drive."""
    w = len(width)
    vectors, units, _ = scratch.panels.shape
    coefficients, wide = scratch.state.shape
    for p in range(coefficients):
        for j in range(units):
            scratch.rate[p, j] = slope[j] * scratch.state[p, j]
    for v in range(vectors):
        for p in range(0, coefficients, len(rows)):
            multiply_tile(
                scratch.drive, (t * coefficients + p) * wide + v * w, wide, scratch.rate, p * wide, wide, 1,
                scratch.panels, v * units * w, w, units, rows, (0,), width,
            )  # fmt: skip


@fast
def _follow(t, gain, decay, readout, rho, scratch):
    """Move chi and psi on by a step; add to rho; write the deviation tangent ``psi - chi``."""
    fresh = scratch.state.dtype.type(1) - decay
    for p in range(len(rho)):
        chi, psi, drive, post = scratch.state[p], scratch.trace[p], scratch.drive[t, p], scratch.post[p]
        total = scratch.state.dtype.type(0)
        for i in range(len(gain)):
            new = chi[i] + gain[i] * (drive[i] - chi[i])
            post[i] = psi[i] - new
            psi[i] = decay * psi[i] + fresh * new
            chi[i] = new
            total += readout[i] * new
        rho[p] += total


@fast
def _spread(row, s, m, slices, width):
    """Write a row as an entry of a step, vector by vector."""
    for v in range(len(slices)):
        for n in range(len(width)):
            slices[v, s, m, n] = row[v * len(width) + n]


@fast
def _mix(grid, rate, deviation, step_weight, s, scratch, width):
    """Write what a step brings to A and B, and the powers of its direct term."""
    coefficients, units, ahead = scratch.state.shape[0], len(rate), len(grid.rate_powers)
    back = scratch.pre_slice.shape[2] - coefficients - ahead
    post, pre = scratch.post_ladder, scratch.pre_ladder
    for i in range(units):
        post[0, i] = step_weight[i]
    _fill_powers(deviation, post)
    _fill_powers(rate, pre)
    for n in range(len(grid.deviation_powers)):
        l = grid.deviation_powers[n]
        for i in range(units):
            scratch.powers[s, n, i] = post[l, i]
    for m in range(ahead):
        _combine(grid.theta[m], grid.deviation_powers, True, 1, post, scratch.post[coefficients + m])
    for m in range(back):
        entry, k = scratch.post[coefficients + ahead + m], grid.rate_powers[m]
        _combine(grid.theta[m], grid.deviation_powers, False, k, post, entry)
    for m in range(coefficients):
        _spread(scratch.rate[m], s, m, scratch.pre_slice, width)
    for m in range(ahead):
        _spread(pre[grid.rate_powers[m]], s, coefficients + m, scratch.pre_slice, width)
    for m in range(back):
        _spread(pre[grid.rate_powers[m] - 1], s, coefficients + ahead + m, scratch.pre_slice, width)


@fast
def _fill_powers(x, ladder):
    """Fill each row of the ladder with the one before times x."""
    for n in range(1, len(ladder)):
        below, above = ladder[n - 1], ladder[n]
        for i in range(len(x)):
            above[i] = below[i] * x[i]


@fast
def _combine(theta, powers, slope, factor, ladder, result):
    """Write ``factor sum_n theta_n x^power_n``, or with the slopes ``power_n x^(power_n - 1)``, from the ladder."""
    units = ladder.shape[1]
    for i in range(units):
        result[i] = 0
    for n in range(len(powers)):
        if powers[n] > 0 or not slope:
            row = ladder[powers[n] - 1 if slope else powers[n]]
            coefficient = theta[n] * theta.dtype.type(factor * (powers[n] if slope else 1))
            for i in range(units):
                result[i] += coefficient * row[i]


@fast
def _turn(s, scratch, width):
    """Transpose a step's postsynaptic entries into those of the slice."""
    w = len(width)
    wide, slices, entries = scratch.post_slice.shape
    for m in range(0, entries, w):
        for i in range(0, wide, w):
            at = (i * slices + s) * entries + m
            transpose_tile(scratch.post, m * wide + i, wide, scratch.post_slice, at, slices * entries, width)


@fast
def _gather(terms, steps, units, scratch, rows, ahead, back, width):
    """Add the steps of a slice to z."""
    w = len(width)
    vectors, wide, coefficients, _ = scratch.z.shape
    slices, powers, _ = scratch.powers.shape
    post_size, pre_size = scratch.post_slice.shape[2], scratch.pre_slice.shape[2]
    for v in range(vectors):
        pre = v * slices * pre_size * w
        for p in range(len(terms)):
            k, l = terms[p]
            for i in range(0, wide, w):
                multiply_tile(
                    scratch.z, ((v * wide + i) * coefficients + p) * w, coefficients * w,
                    scratch.powers, l * wide + i, 1, powers * wide,
                    scratch.pre_slice, pre + (coefficients + k) * w, pre_size * w, steps, width, (0,), width,
                )  # fmt: skip
        for p in range(0, coefficients, len(rows)):
            for i in range(units):
                rank_two_tile(
                    scratch.z, ((v * wide + i) * coefficients + p) * w,
                    scratch.post_slice, i * slices * post_size, scratch.pre_slice, pre,
                    post_size, pre_size, p, coefficients, steps, rows, ahead, back, width,
                )  # fmt: skip


@fast
def _unpack(z, result, width):
    """Copy z from tiles (v i p w) to p i j."""
    count, units, _ = result.shape
    w = len(width)
    whole = units // w
    for p in range(count):
        for i in range(units):
            row = result[p, i]
            for v in range(whole):
                for n in range(w):  # a vector: slices would take longer than the copy
                    row[v * w + n] = z[v, i, p, n]
            for j in range(whole * w, units):
                row[j] = z[whole, i, p, j - whole * w]
