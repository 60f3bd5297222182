import { useEffect, useState } from 'react'

/** A value that follows once it has rested for a while: what is typed is not asked for letter by letter. */
export function useDelayed<T>(value: T, pause: number): T {
  const [delayed, setDelayed] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setDelayed(value), pause)
    return () => clearTimeout(timer)
  }, [value, pause])
  return delayed
}
