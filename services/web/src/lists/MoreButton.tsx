import { useEffect, useRef, useState } from 'react'
import { useWords } from '~/i18n'

interface Props {
  busy: boolean
  onMore: () => void
}

export function MoreButton({ busy, onMore }: Props) {
  const { t } = useWords()
  return <div><button type="button" className="button" aria-disabled={busy} onClick={onMore}>{t(busy ? 'ui.one_moment' : 'list.more')}</button></div>
}

/** Loads the next page when it comes near; a button for those who do not scroll. */
export function MoreOnScroll({ busy, onMore }: Props) {
  const [mark, setMark] = useState<HTMLElement | null>(null)
  const seen = useRef(onMore)
  seen.current = onMore
  useEffect(() => {
    if (mark === null) return undefined
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && seen.current(), { rootMargin: '600px' })
    observer.observe(mark)
    return () => observer.disconnect()
  }, [mark, busy])
  return <div ref={setMark}><MoreButton busy={busy} onMore={onMore} /></div>
}
