import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { watchForUpdates } from './app/updates'
import { firstWords } from './i18n/WordsProvider'
import { applyTheme } from './ui/theme'
import './ui/base.css'
import './ui/controls.css'

applyTheme()
watchForUpdates()
const root = document.getElementById('root')
if (root !== null) {
  void firstWords().then((words) => createRoot(root).render(<StrictMode><App words={words} /></StrictMode>))
}
