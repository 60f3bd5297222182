/** What is being edited, with the way back and forth. Pure; `useWork` gives it a screen and a device. */

export interface Course<T> {
  past: T[]
  present: T
  future: T[]
  /** What was changed last, and when: letters typed into one field are one step. */
  mark: string
  at: number
}

const LONGEST = 100
const TOGETHER = 1_200

export const begun = <T>(present: T): Course<T> => ({ past: [], present, future: [], mark: '', at: 0 })

export function moved<T>(course: Course<T>, next: T, mark: string, now: number): Course<T> {
  if (JSON.stringify(next) === JSON.stringify(course.present)) return course
  const together = mark !== '' && mark === course.mark && now - course.at < TOGETHER && course.past.length > 0
  const past = together ? course.past : [...course.past, course.present].slice(-LONGEST)
  return { past, present: next, future: [], mark, at: now }
}

export function undone<T>(course: Course<T>): Course<T> {
  const before = course.past.at(-1)
  if (before === undefined) return course
  return { past: course.past.slice(0, -1), present: before, future: [course.present, ...course.future], mark: '', at: 0 }
}

export function redone<T>(course: Course<T>): Course<T> {
  const [next, ...future] = course.future
  if (next === undefined) return course
  return { past: [...course.past, course.present], present: next, future, mark: '', at: 0 }
}

/** An entry at one place of a list, put at another. */
export function put<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = [...list]
  const [one] = rest.splice(from, 1)
  if (one === undefined || to < 0 || to >= list.length) return [...list]
  rest.splice(to, 0, one)
  return rest
}
