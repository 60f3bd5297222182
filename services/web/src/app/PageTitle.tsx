import { useLocation } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef } from 'react'

interface Props {
  title: ReactNode
  children?: ReactNode
  /** Changes of the address that stay on the same page keep the focus where it is. */
  of?: string
}

/** The heading of a page: the focus moves here with the route. The browser's title never names a person. */
export function PageTitle({ title, children, of }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  const { pathname } = useLocation()
  const page = of ?? pathname
  useEffect(() => {
    if (document.querySelector('dialog[open]') === null) heading.current?.focus({ preventScroll: true })
  }, [page])
  return (
    <div className="page-head">
      <h1 ref={heading} tabIndex={-1}>{title}</h1>
      {children}
    </div>
  )
}
