/** The line search of LBFGS: a step length that satisfies the strong Wolfe conditions (after Schmidt's minFunc). */
import type { Tensor } from '../tensor/tensor'

export interface Search {
  /** The function and its gradient at a step length. */
  evaluate(t: number): { f: number; g: Tensor }
  /** The step length to try first. */
  t: number
  /** The direction. */
  d: Tensor
  /** The function, its gradient and its slope along `d` where the search begins. */
  f: number
  g: Tensor
  slope: number
  maxEvaluations: number
}
/** A step length, the function, its gradient and its slope there. */
interface Point {
  t: number
  f: number
  g: Tensor
  slope: number
}

const SUFFICIENT_DECREASE = 1e-4
const CURVATURE = 0.9
const TOLERANCE = 1e-9

export function strongWolfe(search: Search): Point & { evaluations: number } {
  const { d, f, slope } = search
  const round = d.dtype === 'float32' ? Math.fround : (x: number): number => x
  const size = d.abs().max().item()
  const at = (t: number): Point => {
    const { f, g } = search.evaluate(t)
    return { t, f, g, slope: g.dot(d).item() }
  }
  const tooHigh = (p: Point): boolean => p.f > f + SUFFICIENT_DECREASE * p.t * slope
  const flat = (p: Point): boolean => Math.abs(p.slope) <= -CURVATURE * slope

  let previous: Point = { t: 0, f, g: search.g, slope }
  let next = at(search.t)
  let evaluations = 1
  let iterations = 0
  let done = false
  /** Two points with an acceptable one between them, or the acceptable one. */
  let bracket: Point[] | null = null
  while (iterations < search.maxEvaluations) {
    if (tooHigh(next) || (iterations > 1 && next.f >= previous.f)) {
      bracket = [previous, next]
      break
    }
    if (flat(next)) {
      bracket = [next]
      done = true
      break
    }
    if (next.slope >= 0) {
      bracket = [previous, next]
      break
    }
    const t = cubicMinimum(previous, next, round, [next.t + 0.01 * (next.t - previous.t), next.t * 10])
    previous = next
    next = at(t)
    evaluations++
    iterations++
  }
  bracket ??= [{ t: 0, f, g: search.g, slope }, next]

  let low = bracket.length === 1 || bracket[0]!.f <= bracket[1]!.f ? 0 : 1
  let stuck = false
  while (!done && iterations < search.maxEvaluations) {
    const [a, b] = bracket as [Point, Point]
    if (Math.abs(b.t - a.t) * size < TOLERANCE) break
    let t = cubicMinimum(a, b, round)
    // Too close to an end: a second time, or beyond it, it is moved a tenth of the way inwards.
    const [least, most] = a.t < b.t ? [a.t, b.t] : [b.t, a.t]
    const margin = 0.1 * (most - least)
    if (Math.min(most - t, t - least) < margin) {
      if (stuck || t >= most || t <= least) {
        t = Math.abs(t - most) < Math.abs(t - least) ? most - margin : least + margin
        stuck = false
      } else stuck = true
    } else stuck = false

    const p = at(t)
    evaluations++
    iterations++
    const high = 1 - low
    if (tooHigh(p) || p.f >= bracket[low]!.f) {
      bracket[high] = p
      low = bracket[0]!.f <= bracket[1]!.f ? 0 : 1
    } else {
      if (flat(p)) done = true
      else if (p.slope * (bracket[high]!.t - bracket[low]!.t) >= 0) bracket[high] = bracket[low]!
      bracket[low] = p
    }
  }
  return { ...bracket[low]!, evaluations }
}

/** Where the cubic through two points with their slopes has its minimum, within bounds. */
function cubicMinimum(
  p: Point,
  q: Point,
  round: (x: number) => number,
  bounds: readonly [number, number] = p.t <= q.t ? [p.t, q.t] : [q.t, p.t],
): number {
  const a = round(p.slope + q.slope - (3 * (p.f - q.f)) / (p.t - q.t))
  const square = round(a ** 2 - p.slope * q.slope)
  if (!(square >= 0)) return (bounds[0] + bounds[1]) / 2
  const root = round(Math.sqrt(square))
  const [near, far] = p.t <= q.t ? [p, q] : [q, p]
  const t = far.t - (far.t - near.t) * ((far.slope + root - a) / (far.slope - near.slope + 2 * root))
  return Math.min(Math.max(round(t), bounds[0]), bounds[1])
}
