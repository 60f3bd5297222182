import { infiniteQueryOptions } from '@tanstack/react-query'
import { call } from '~/api/client'

interface ServerTask {
  id: string
  record_id_display: string
  name?: string | null
  type: string
  type_display: string
  detail?: string
  due_date: string
  overdue: boolean
}

export interface Task extends ServerTask {
  /** `YYYY-MM-DD`. */
  due: string
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The server writes `31-Jan-2026` here. */
export function dueDate(text: string): string {
  const [day = '', month = '', year = ''] = text.split('-')
  const at = MONTHS.indexOf(month)
  return at < 0 ? text : `${year}-${String(at + 1).padStart(2, '0')}-${day.padStart(2, '0')}`
}

const PER = 100

/** Tasks of one's own open cases, the oldest first. */
export const tasksQuery = infiniteQueryOptions({
  queryKey: ['tasks'],
  initialPageParam: 1,
  queryFn: async ({ pageParam, signal }) => {
    const { data, metadata } = await call<ServerTask[]>('/api/v2/tasks', { query: { per: PER, page: pageParam, order_by: 'due_date', order: 'asc' }, signal })
    return { rows: data.map((task): Task => ({ ...task, due: dueDate(task.due_date) })), total: Number(metadata.total ?? data.length) }
  },
  getNextPageParam: (last, pages) => (pages.length * PER < last.total ? pages.length + 1 : undefined),
})
