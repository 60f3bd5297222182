import { useQuery } from '@tanstack/react-query'
import { lookupsQuery, placesQuery } from '~/api/queries'
import { type TextKey, useWords } from '~/i18n'
import { inLanguage } from '~/records/catalog'
import { useSession } from '~/session/session'
import { Line } from './Numbers'
import { type Counted, type HomeNumbers, isCounted } from './shape'

/** Boards that we have words for; what home shows anyway is not shown twice. */
const TITLES = {
  workflow: 'board.workflow', workflow_team: 'board.workflow_team', dash_group_overview: 'board.group',
  cases_by_task_overdue_assessment: 'board.late_assessment', cases_by_task_overdue_case_plan: 'board.late_case_plan',
  cases_by_task_overdue_services: 'board.late_services', cases_by_task_overdue_followups: 'board.late_followups',
  dash_cases_by_social_worker: 'board.by_worker', dash_protection_concerns: 'board.concerns', dash_reporting_location: 'board.places',
} satisfies Record<string, TextKey>

const MEASURES = {
  total: 'home.open', open: 'home.open', new_or_updated: 'home.new_or_updated', closed: 'home.closed',
  group_overview_open: 'home.open', group_overview_closed: 'home.closed',
  protection_concerns_all_cases: 'measure.all', protection_concerns_open_cases: 'home.open',
  protection_concerns_new_this_week: 'measure.new_this_week', protection_concerns_closed_this_week: 'measure.closed_this_week',
  reporting_location_open: 'home.open', reporting_location_open_last_week: 'measure.new_last_week', reporting_location_open_this_week: 'measure.new_this_week',
  reporting_location_closed_last_week: 'measure.closed_last_week', reporting_location_closed_this_week: 'measure.closed_this_week',
} satisfies Record<string, TextKey>

const LOOKUPS = ['lookup-workflow', 'lookup-protection-concerns', 'lookup-risk-level']

/** What the role's boards count, as far as anything is there. */
export function Boards({ numbers }: { numbers: HomeNumbers }) {
  const boards = (numbers.dashboards ?? []).flatMap((board) => {
    const name = board.name.replace(/^dashboard\./, '').split('.')[0] ?? ''
    const groups = groupsOf(board.indicators)
    return name in TITLES && groups.length > 0 ? [{ name: name as keyof typeof TITLES, groups }] : []
  })
  return <>{boards.map((board) => <Board key={board.name} {...board} />)}</>
}

interface Group {
  /** Nothing where the numbers stand on their own. */
  key: string | null
  found: [string, Counted][]
}

/** Numbers directly, or in groups one or two levels down; zeros say nothing. */
export function groupsOf(indicators: Record<string, unknown>): Group[] {
  const groups: Group[] = []
  const own = countedIn(indicators)
  if (own.length > 0) groups.push({ key: null, found: own })
  for (const [key, value] of Object.entries(indicators)) {
    if (typeof value !== 'object' || value === null || isCounted(value)) continue
    const inner = value as Record<string, unknown>
    const found = countedIn(inner)
    if (found.length > 0) groups.push({ key, found })
    else groups.push(...groupsOf(inner).filter((group) => group.key !== null))
  }
  return groups
}

const countedIn = (values: Record<string, unknown>): [string, Counted][] =>
  Object.entries(values).flatMap(([key, value]) => (isCounted(value) && value.count > 0 ? [[key, value] as [string, Counted]] : []))

function Board({ name, groups }: { name: keyof typeof TITLES; groups: Group[] }) {
  const { t } = useWords()
  const label = useLabels(name === 'dash_reporting_location')
  const only = groups.length === 1
  return (
    <section className="card stack-tight" aria-labelledby={`board-${name}`}>
      <h2 id={`board-${name}`}>{t(TITLES[name])}</h2>
      {groups.map((group) => (
        <div key={group.key ?? ''}>
          {group.key !== null && !(only && name === 'workflow') && <h3 className="small soft"><bdi>{label(group.key)}</bdi></h3>}
          <ul className="lines">{group.found.map(([key, found]) => <Line key={key} name={label(key)} found={found} />)}</ul>
        </div>
      ))}
    </section>
  )
}

/** A key of a board in words: a measure, a code of a lookup, a programme, a place, or a person's user name. */
function useLabels(ofPlaces: boolean): (key: string) => string {
  const { t, language } = useWords()
  const { user } = useSession()
  const lookups = useQuery(lookupsQuery).data ?? []
  const places = useQuery({ ...placesQuery, enabled: ofPlaces }).data ?? []
  return (key) => {
    if (key in MEASURES) return t(MEASURES[key as keyof typeof MEASURES])
    if (key === '' || key === '_none' || key === 'none') return t('value.none')
    const module = user.module_unique_ids.find((id) => key === `workflow_${id}`)
    if (module !== undefined) return module.replace(/^primeromodule-/, '').toUpperCase()
    const found = lookups.filter((one) => LOOKUPS.includes(one.unique_id)).flatMap((one) => one.values).find((one) => one.id === key)
    if (found !== undefined) return inLanguage(found.display_text, language) || key
    const place = places.find((one) => one.code === key)
    return place === undefined ? key : (inLanguage(place.name, language).split('::').pop() ?? key)
  }
}
