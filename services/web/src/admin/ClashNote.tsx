import { useEffect, useRef } from 'react'
import { saidOf } from './clash'
import type { Work } from './useWork'
import { type AdminKey, useAdminWords } from './words'

/** Parts that nearly every form has. */
const COMMON: Record<string, AdminKey> = { name: 'roles.name', description: 'roles.description', disabled: 'flag.disabled', forms: 'settings.forms', module_unique_ids: 'roles.modules', agency_unique_ids: 'settings.agencies' }

/** Somebody else saved the same thing first: what they changed beside what stands here. */
export function ClashNote<T>({ work, labelOf }: { work: Work<T>; labelOf: (pointer: string) => string }) {
  const { t } = useAdminWords()
  const box = useRef<HTMLElement>(null)
  const { clash } = work
  useEffect(() => {
    if (clash !== null) box.current?.focus()
  }, [clash])
  if (clash === null) return null
  const asks = clash.parts.some((part) => part.both)
  return (
    <section className="note note-warning stack" role="alert" tabIndex={-1} ref={box} aria-label={t('clash.title')}>
      <p><strong>{t('clash.title')}</strong> {t(asks ? 'clash.help' : 'clash.help_apart')}</p>
      <div className="table-frame" tabIndex={0} role="region" aria-label={t('clash.parts')}>
        <table className="table small">
          <thead><tr><th>{t('clash.part')}</th><th>{t('clash.theirs')}</th><th>{t('clash.mine')}</th></tr></thead>
          <tbody>
            {clash.parts.map((part) => (
              <tr key={part.key}>
                <td>{part.key in COMMON ? t(COMMON[part.key] as AdminKey) : labelOf(`/${part.key}`)}</td>
                <td><ins><bdi>{saidOf(part.theirs)}</bdi></ins></td>
                <td><bdi>{saidOf(part.mine)}</bdi></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="row">
        {asks && <button type="button" className="button" onClick={() => work.settle('mine')}>{t('clash.keep_mine')}</button>}
        <button type="button" className="button" onClick={() => work.settle('theirs')}>{t(asks ? 'clash.take_theirs' : 'clash.take')}</button>
      </p>
    </section>
  )
}
