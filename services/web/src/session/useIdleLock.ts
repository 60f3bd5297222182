import { useEffect, useRef } from 'react'

/** Out of sight for a minute, or untouched for a quarter of an hour. */
const AWAY = 60_000
const UNTOUCHED = 15 * 60_000
const TOUCHES = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const

/** Locks an unattended app. Clocks are compared, since timers sleep with the device. */
export function useIdleLock(active: boolean, lock: () => void): void {
  const latest = useRef(lock)
  latest.current = lock
  useEffect(() => {
    if (!active) return undefined
    let touched = Date.now()
    let hidden: number | null = document.hidden ? Date.now() : null
    const check = () => {
      const since = hidden ?? Number.POSITIVE_INFINITY
      if (Date.now() - touched > UNTOUCHED || Date.now() - since > AWAY) latest.current()
    }
    const touch = () => {
      check()
      touched = Date.now()
    }
    const turn = () => {
      check()
      hidden = document.hidden ? Date.now() : null
    }
    const timer = setInterval(check, 5_000)
    for (const kind of TOUCHES) addEventListener(kind, touch, { passive: true })
    document.addEventListener('visibilitychange', turn)
    return () => {
      clearInterval(timer)
      for (const kind of TOUCHES) removeEventListener(kind, touch)
      document.removeEventListener('visibilitychange', turn)
    }
  }, [active])
}
