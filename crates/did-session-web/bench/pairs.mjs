// What pairs of measurements say: medians, and the interval of the ratio's median.

const sorted = (values) => [...values].sort((a, b) => a - b)

const median = (values) => {
  const all = sorted(values)
  const middle = all.length >> 1
  return all.length % 2 === 1 ? all[middle] : (all[middle - 1] + all[middle]) / 2
}

/** The 95 % interval of a median by order statistics, which asks nothing of the distribution. */
const interval = (values) => {
  const all = sorted(values)
  const half = 0.98 * Math.sqrt(all.length)
  const low = Math.max(0, Math.floor(all.length / 2 - half))
  const high = Math.min(all.length - 1, Math.ceil(all.length / 2 + half))
  return [all[low], all[high]]
}

export const summary = (row, aim, ours, peer) => {
  const ratios = ours.map((value, i) => value / peer[i])
  const [low, high] = interval(ratios)
  return { row, aim, ours: median(ours), peer: median(peer), ratio: median(ratios), low, high }
}
