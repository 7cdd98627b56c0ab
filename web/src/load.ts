/** Something read from the service: what there is, whether it is being read, why it could not be. */

import { onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { Refused, type Problem } from './api'

export interface Loaded<T> {
  data: ShallowRef<T | undefined>
  reading: Ref<boolean>
  problem: Ref<Problem | undefined>
  /** Read (again); the newest answer counts. */
  read(): Promise<void>
}

export function useLoaded<T>(ask: () => Promise<T>): Loaded<T> {
  const data = shallowRef<T>()
  const reading = ref(false)
  const problem = ref<Problem>()
  let turn = 0
  onBeforeUnmount(() => turn++)

  async function read(): Promise<void> {
    const mine = ++turn
    reading.value = true
    try {
      const answer = await ask()
      if (mine !== turn) return
      data.value = answer
      problem.value = undefined
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (mine === turn) problem.value = error.problem
    } finally {
      if (mine === turn) reading.value = false
    }
  }

  void read()
  return { data, reading, problem, read }
}

export interface Doing {
  busy: Ref<boolean>
  problem: Ref<Problem | undefined>
  /** True when it was done. After a refusal `again` reads what another try needs: until then it is not tried again. */
  run(what: () => Promise<unknown>, again?: () => Promise<unknown>): Promise<boolean>
}

/** Doing something once at a time. */
export function useDoing(): Doing {
  const busy = ref(false)
  const problem = ref<Problem>()

  async function run(what: () => Promise<unknown>, again?: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    problem.value = undefined
    try {
      await what()
      return true
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      problem.value = error.problem
      await again?.()
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, problem, run }
}
