/** Lines in the shape of what is being loaded; they show after a moment only. */
export function Skeleton({ lines = 3, height = 20 }: { lines?: number; height?: number }) {
  return (
    <div className="stack-tight" aria-hidden="true">
      {Array.from({ length: lines }, (_, at) => (
        <div key={at} className="skeleton" style={{ blockSize: height, inlineSize: `${100 - ((at * 17) % 40)}%` }} />
      ))}
    </div>
  )
}
