import { useWords } from '~/i18n'

export interface ComparedLine {
  key: string
  name: string
  one: string
  other: string
  /** Nothing where one side says nothing. */
  same: boolean | null
}

interface Props {
  label: string
  /** What the two sides are. */
  sides: [one: string, other: string]
  lines: ComparedLine[]
}

/** Two sides beside each other, line by line; what differs stands first. */
export function Compared({ label, sides, lines }: Props) {
  const { t } = useWords()
  const rank = (line: ComparedLine) => (line.same === false ? 0 : line.same ? 1 : 2)
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={label}>
      <table className="table small">
        <thead><tr><th>{t('tracing.field')}</th><th>{sides[0]}</th><th>{sides[1]}</th><th>{t('tracing.verdict')}</th></tr></thead>
        <tbody>
          {[...lines].sort((one, other) => rank(one) - rank(other)).map((line) => (
            <tr key={line.key}>
              <th scope="row">{line.name}</th>
              <td><bdi>{line.one === '' ? t('value.none') : line.one}</bdi></td>
              <td><bdi>{line.other === '' ? t('value.none') : line.other}</bdi></td>
              <td>{line.same !== null && <span className={line.same ? 'mark mark-success' : 'mark mark-warning'}>{t(line.same ? 'tracing.same' : 'tracing.differs')}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
