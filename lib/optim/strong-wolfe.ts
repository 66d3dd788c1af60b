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
  const line = new Line(search)
  const bracket = line.bracket()
  const found = bracket.length === 1 ? bracket[0] : line.narrowed(bracket)
  return { ...found, evaluations: line.evaluations }
}

const lower = ([a, b]: readonly [Point, Point]): 0 | 1 => (a.f <= b.f ? 0 : 1)

/** The function along a direction, and what the search has spent on it. */
class Line {
  evaluations = 0
  #iterations = 0
  readonly #round: (x: number) => number
  constructor(readonly search: Search) {
    this.#round = search.d.dtype === 'float32' ? Math.fround : (x) => x
  }

  #at(t: number): Point {
    const { f, g } = this.search.evaluate(t)
    this.evaluations++
    return { t, f, g, slope: g.dot(this.search.d).item() }
  }
  #tooHigh(p: Point): boolean {
    return p.f > this.search.f + SUFFICIENT_DECREASE * p.t * this.search.slope
  }
  #flat(p: Point): boolean {
    return Math.abs(p.slope) <= -CURVATURE * this.search.slope
  }

  /** Two points with an acceptable one between them, or the acceptable one. */
  bracket(): [Point] | [Point, Point] {
    const { f, g, slope, maxEvaluations } = this.search
    const start: Point = { t: 0, f, g, slope }
    let previous = start
    let next = this.#at(this.search.t)
    for (; this.#iterations < maxEvaluations; this.#iterations++) {
      if (this.#tooHigh(next) || (this.#iterations > 1 && next.f >= previous.f)) return [previous, next]
      if (this.#flat(next)) return [next]
      if (next.slope >= 0) return [previous, next]
      const bounds = [next.t + 0.01 * (next.t - previous.t), next.t * 10] as const
      const t = cubicMinimum(previous, next, this.#round, bounds)
      previous = next
      next = this.#at(t)
    }
    return [start, next]
  }

  /** The lower of two points, which close in on an acceptable one between them. */
  narrowed(bracket: [Point, Point]): Point {
    const size = this.search.d.abs().max().item()
    let low = lower(bracket)
    let stuck = false
    for (; this.#iterations < this.search.maxEvaluations; this.#iterations++) {
      const [a, b] = bracket
      if (Math.abs(b.t - a.t) * size < TOLERANCE) break
      let t = cubicMinimum(a, b, this.#round)
      // Too close to an end: a second time, or beyond it, it is moved a tenth of the way inwards.
      const [least, most] = a.t < b.t ? [a.t, b.t] : [b.t, a.t]
      const margin = 0.1 * (most - least)
      if (Math.min(most - t, t - least) < margin) {
        if (stuck || t >= most || t <= least) {
          t = Math.abs(t - most) < Math.abs(t - least) ? most - margin : least + margin
          stuck = false
        } else stuck = true
      } else stuck = false

      const p = this.#at(t)
      const high = low === 0 ? 1 : 0
      if (this.#tooHigh(p) || p.f >= bracket[low].f) {
        bracket[high] = p
        low = lower(bracket)
        continue
      }
      if (this.#flat(p)) return p
      if (p.slope * (bracket[high].t - bracket[low].t) >= 0) bracket[high] = bracket[low]
      bracket[low] = p
    }
    return bracket[low]
  }
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
