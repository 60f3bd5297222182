import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { CSSProperties } from 'react'
import { lookupsQuery } from '~/api/queries'
import { useWords } from '~/i18n'
import { inLanguage } from '~/records/catalog'
import { type Counted, type HomeNumbers, searchOf } from './shape'

/** The caseload in numbers; each is a link to the list that it counts. */
export function Numbers({ numbers }: { numbers: HomeNumbers }) {
  const { t } = useWords()
  const { cases, incidents } = numbers
  if (cases === undefined && incidents === undefined) return null
  return (
    <section className="card stack-tight" aria-labelledby="numbers">
      <h2 id="numbers">{t('home.caseload')}</h2>
      <ul className="lines">
        {cases !== undefined && <Line name={t('home.open')} found={cases.open} />}
        {cases?.new_or_updated !== undefined && <Line name={t('home.new_or_updated')} found={cases.new_or_updated} />}
        {cases?.flagged !== undefined && <Line name={t('home.flagged')} found={cases.flagged} />}
        {cases?.closed !== undefined && <Line name={t('home.closed')} found={cases.closed} />}
        {incidents !== undefined && <Line name={t('home.open_incidents')} found={incidents.open} place="incidents" />}
      </ul>
      {numbers.risk !== undefined && <Risk risk={numbers.risk} />}
    </section>
  )
}

export function Line({ name, found, place = 'cases', of }: { name: string; found: Counted; place?: string; of?: number }) {
  const { number } = useWords()
  const share = of === undefined || of === 0 ? undefined : Math.round((found.count / of) * 100)
  return (
    <li>
      <Link to="/$place" params={{ place }} search={searchOf(found.query)} className="section-link count-line">
        <bdi>{name}</bdi>
        {share !== undefined && <span className="bar" aria-hidden="true" style={{ '--share': `${share}%` } as CSSProperties} />}
        <strong className="number">{number(found.count)}</strong>
      </Link>
    </li>
  )
}

const ORDER = ['very_high', 'high', 'medium', 'low', 'no_risk', '_none']
const rank = (level: string) => (ORDER.indexOf(level) + ORDER.length) % ORDER.length

function Risk({ risk }: { risk: NonNullable<HomeNumbers['risk']> }) {
  const { t, language } = useWords()
  const lookups = useQuery(lookupsQuery).data ?? []
  const levels = lookups.find((one) => one.unique_id === 'lookup-risk-level')?.values ?? []
  const entries = Object.entries(risk).filter(([, found]) => found.count > 0).sort(([one], [other]) => rank(one) - rank(other))
  const most = Math.max(...entries.map(([, found]) => found.count))
  if (entries.length === 0) return null
  const name = (level: string) => (level === '_none' ? t('home.no_risk_level') : inLanguage(levels.find((one) => one.id === level)?.display_text, language) || level)
  return (
    <div>
      <h3 className="small soft">{t('filter.risk_level')}</h3>
      <ul className="lines">{entries.map(([level, found]) => <Line key={level} name={name(level)} found={found} of={most} />)}</ul>
    </div>
  )
}
