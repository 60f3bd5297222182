import { expect, it } from 'vitest'
import { cells, outcome, readSheet } from './hxl'

const known = new Map([['AM', ['AM']], ['AM01', ['AM', 'AM01']]])
const head = 'Country,Name,Province,Name,Nom\n#country+code,#country+name+en,#adm1+code,#adm1+name+en,#adm1+name+fr\n'

it('reads quotes, commas and line ends within cells', () => {
  expect(cells('a,"b,""c""\nd"\r\n\r\ne,')).toEqual([{ line: 1, row: ['a', 'b,"c"\nd'] }, { line: 2, row: ['e', ''] }])
})

it('a row is a path from the top down, with names by language', () => {
  const sheet = readSheet(`${head}AM,Amaria,AM02,South,Sud\n`, known)
  expect(sheet?.rows[0]).toMatchObject({ line: 3, fault: null, path: [{ code: 'AM' }, { code: 'AM02', names: { en: 'South', fr: 'Sud' } }] })
  expect(outcome(sheet!, known)).toEqual({ added: ['AM02'], touched: 1, faults: 0 })
})

it('says by line what the server will refuse', () => {
  const rows = readSheet(`${head}AM,Amaria,,North,\nAM,Amaria,A B,North,\n,,AM01,North,\nAM,Amaria,AM03,,Sud\nAM,Amaria,AM04,East,\nAM,Amaria,AM04,Orient,\n`, known)?.rows
  expect(rows?.map((row) => [row.line, row.fault?.column, row.fault?.code])).toEqual([
    [3, '#adm1 code', 'required'], [4, '#adm1 code', 'invalid'], [5, '#adm1 code', 'moved'], [6, '#adm1 name+en', 'required'], [7, undefined, undefined], [8, undefined, undefined],
  ])
})

it('a table without tags is none', () => expect(readSheet('Code,Name\nX,Y\n', known)).toBeNull())
