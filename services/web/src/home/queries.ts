import { queryOptions } from '@tanstack/react-query'
import { call } from '~/api/client'
import type { ListRow } from '~/lists/queries'
import { keptOnDevice } from '~/device/kept'

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

export const tasksQuery = queryOptions({
  queryKey: ['home', 'tasks'],
  queryFn: ({ signal }) =>
    keptOnDevice('home/tasks', async () => {
      const { data, metadata } = await call<ServerTask[]>('/api/v2/tasks', { query: { per: 20, order_by: 'due_date', order: 'asc' }, signal })
      return { rows: data.map((task): Task => ({ ...task, due: dueDate(task.due_date) })), total: Number(metadata.total ?? data.length) }
    }),
})

export const recentQuery = queryOptions({
  queryKey: ['home', 'recent'],
  queryFn: ({ signal }) =>
    keptOnDevice('home/recent', async () => {
      const query = { fields: 'name,case_id_display,last_updated_at', status: 'open', record_state: true, order_by: 'last_updated_at', order: 'desc', per: 8 }
      const { data, metadata } = await call<ListRow[]>('/api/v2/cases', { query, signal })
      return { rows: data, total: Number(metadata.total ?? data.length) }
    }),
})
