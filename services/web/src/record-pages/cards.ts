/** What the overview of a type shows beside its forms. */
import type { ComponentType } from 'react'
import type { RecordType } from '~/records/kinds'
import { IncidentsCard } from './IncidentsCard'
import { CaseCard, LinksCard } from './LinksCard'
import { DueCard, TimelineCard } from './OverviewCards'
import { SoughtByCard, TracesCard } from '~/tracing/TracesCard'
import { RelativesCard } from './RelativesCard'

export const CARDS: Record<RecordType, ComponentType[]> = {
  case: [DueCard, TimelineCard, IncidentsCard, LinksCard, RelativesCard, SoughtByCard],
  incident: [CaseCard],
  tracing_request: [TracesCard],
  family: [RelativesCard],
  registry_record: [],
}
