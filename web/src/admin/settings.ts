/** The settings as the service tells them; each part of the admin changes its own. */

export interface Clocks {
  accept: string
  resolve: string
}

export interface Rate {
  per_hour: number
  fixed: number
  usual_seconds: number
}

export interface Settings {
  version: number
  company: string
  hours: string
  holidays: string[]
  workdays: string[]
  clocks: Record<'danger' | 'urgent' | 'ordinary' | 'complex', Clocks>
  task: string
  andon: string
  callback: string
  dispute: string
  rates: Record<string, Rate>
  default_rate: Rate
  originals: string[]
  review_daily: number
  blind_daily: number
  callback_attempts: number
  ledger_days: number
  max_tries: number
  learn_nightly: boolean
  models_kept: number
  models_days: number
  missing_share: number
  missing_least: number
  /** Who changed a setting last, and when. */
  changed: Record<string, { by: string; at: string }>
}
