/** The only importer of ECharts: the parts that are used, drawn as SVG, without animation. */

import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import type { BarSeriesOption, CustomSeriesOption, LineSeriesOption, ScatterSeriesOption } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components'
import { init, use, type ComposeOption, type EChartsType } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { Size } from './drawing'

export type Series = BarSeriesOption | CustomSeriesOption | LineSeriesOption | ScatterSeriesOption
export type Option = ComposeOption<Series | GridComponentOption | TooltipComponentOption>

use([BarChart, CustomChart, LineChart, ScatterChart, GridComponent, TooltipComponent, SVGRenderer])

export interface Sheet {
  draw(option: Option, size: Size): void
  close(): void
}

/** A place on the page to draw in; a click on something that carries an address (`to`) tells it. */
export function sheet(place: HTMLElement, go: (to: string) => void): Sheet {
  let chart: EChartsType | undefined
  return {
    draw(option, size) {
      chart ??= begun(place, size, go)
      chart.clear() // shapes of another size would keep where they stood
      chart.resize(size)
      chart.setOption({ ...option, animation: false }, { notMerge: true })
      chart.getZr().flush()
      // Paper is narrower than a screen: what has a viewBox can be shrunk by the style sheet.
      place.querySelector('svg')?.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`)
    },
    close: () => chart?.dispose(),
  }
}

function begun(place: HTMLElement, size: Size, go: (to: string) => void): EChartsType {
  const chart = init(place, null, { renderer: 'svg', ...size })
  chart.on('click', (event) => {
    const to = (event.data as { to?: unknown } | undefined)?.to
    if (typeof to === 'string') go(to)
  })
  return chart
}

/** The same as the text of an SVG file. */
export function svgText(option: Option, size: Size): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size })
  chart.setOption({ ...option, animation: false, tooltip: { show: false } })
  const text = chart.renderToSVGString()
  chart.dispose()
  return text
}
