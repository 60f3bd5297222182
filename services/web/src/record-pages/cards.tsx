/** What the overview of a type shows beside its forms. */
import { type ComponentType, lazy } from 'react'
import type { RecordType } from '~/records/kinds'
import { IncidentsCard } from './IncidentsCard'
import { CaseCard, LinksCard } from './LinksCard'
import { DueCard, TimelineCard } from './OverviewCards'
import { RelativesCard } from './RelativesCard'
import { useRecord } from './record-context'

/** Cards that few records have, or that stand below: loaded when the first one is looked at. */
const FlagsCard = lazy(async () => ({ default: (await import('~/flags/FlagsCard')).FlagsCard }))
const AlertsCard = lazy(async () => ({ default: (await import('~/alerts/AlertsCard')).AlertsCard }))
const TracesCard = lazy(async () => ({ default: (await import('~/tracing/TracesCard')).TracesCard }))
const SoughtByCard = lazy(async () => ({ default: (await import('~/tracing/TracesCard')).SoughtByCard }))

function Alerts() {
  const { values } = useRecord()
  return Number(values.alert_count ?? 0) > 0 ? <AlertsCard /> : null
}

export const CARDS: Record<RecordType, ComponentType[]> = {
  case: [Alerts, DueCard, TimelineCard, IncidentsCard, LinksCard, RelativesCard, SoughtByCard, FlagsCard],
  incident: [Alerts, CaseCard, FlagsCard],
  tracing_request: [Alerts, TracesCard, FlagsCard],
  family: [Alerts, RelativesCard, FlagsCard],
  registry_record: [Alerts, FlagsCard],
}
