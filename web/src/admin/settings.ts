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
}
