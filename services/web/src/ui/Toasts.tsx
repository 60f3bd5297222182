import { type ReactNode, createContext, useCallback, useContext, useMemo, useState } from 'react'

type Say = (sentence: string) => void
const ToastContext = createContext<Say>(() => undefined)

/** Says one sentence in passing; screen readers read it too. */
export const useToast = () => useContext(ToastContext)

const SHOWN_FOR = 6_000

export function Toasts({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState<{ id: number; sentence: string }[]>([])
  const say = useCallback((sentence: string) => {
    const id = performance.now()
    setSaid((all) => [...all.slice(-2), { id, sentence }])
    setTimeout(() => setSaid((all) => all.filter((one) => one.id !== id)), SHOWN_FOR)
  }, [])
  const value = useMemo(() => say, [say])
  return (
    <ToastContext value={value}>
      {children}
      <div className="toasts no-print" role="status" aria-live="polite">
        {said.map((one) => (
          <div key={one.id} className="toast">{one.sentence}</div>
        ))}
      </div>
    </ToastContext>
  )
}
