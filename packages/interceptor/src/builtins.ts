const path = process.getBuiltinModule('node:path');
const util = process.getBuiltinModule('node:util');
const zlib = process.getBuiltinModule('node:zlib');
const net = process.getBuiltinModule('node:net');
const emitters = process.getBuiltinModule('node:events').EventEmitter.prototype;
const threads = process.getBuiltinModule('node:worker_threads');
const stores = process.getBuiltinModule('node:async_hooks').AsyncLocalStorage.prototype;

const numbers = Number.prototype;
const arrays = Array.prototype;
const strings = String.prototype;
const patterns = RegExp.prototype;
const maps = Map.prototype;
const sets = Set.prototype;
const weakMaps = WeakMap.prototype;
const weakSets = WeakSet.prototype;
const bytes = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
const buffers = Buffer.prototype;
const prototypeOf = <T extends object>(made: T): T => Object.getPrototypeOf(made) as T;
const arraySteps = prototypeOf([][Symbol.iterator]());
const mapSteps = prototypeOf(new Map().keys());
const setSteps = prototypeOf(new Set().keys());
const stringSteps = prototypeOf('s'[Symbol.iterator]());
const matchSteps = prototypeOf('s'.matchAll(/s/g));

/* oxlint-disable typescript/unbound-method -- compared, and put back where they were */

/**
 * The built-ins that the watcher's code calls, as they were when it was loaded, with the objects that hold them. Each is named twice, here and in the comparison below.
 */
const KEPT = {
  globals: {
    owner: globalThis,
    own: {
      Array,
      Buffer,
      Date,
      Error,
      JSON,
      Map,
      Math,
      Number,
      Object,
      Proxy,
      Reflect,
      Set,
      String,
      URL,
      clearInterval,
      clearTimeout,
      decodeURIComponent,
      queueMicrotask,
      setImmediate,
      setInterval,
      setTimeout,
    },
  },
  objects: {
    owner: Object,
    own: {
      assign: Object.assign,
      create: Object.create,
      defineProperty: Object.defineProperty,
      entries: Object.entries,
      freeze: Object.freeze,
      fromEntries: Object.fromEntries,
      getOwnPropertyDescriptor: Object.getOwnPropertyDescriptor,
      getOwnPropertySymbols: Object.getOwnPropertySymbols,
      getPrototypeOf: Object.getPrototypeOf,
      hasOwn: Object.hasOwn,
      is: Object.is,
      keys: Object.keys,
    },
  },
  reflect: {
    owner: Reflect,
    own: {
      apply: Reflect.apply,
      construct: Reflect.construct,
      defineProperty: Reflect.defineProperty,
      deleteProperty: Reflect.deleteProperty,
      get: Reflect.get,
      getOwnPropertyDescriptor: Reflect.getOwnPropertyDescriptor,
      set: Reflect.set,
    },
  },
  url: {
    owner: URL,
    own: { canParse: URL.canParse },
  },
  date: {
    owner: Date,
    own: { now: Date.now },
  },
  number: {
    owner: Number,
    own: { isInteger: Number.isInteger, isSafeInteger: Number.isSafeInteger, parseInt: Number.parseInt },
  },
  numbers: {
    owner: numbers,
    own: { toString: numbers.toString },
  },
  math: {
    owner: Math,
    own: { floor: Math.floor, max: Math.max, min: Math.min, round: Math.round },
  },
  json: {
    owner: JSON,
    own: { parse: JSON.parse, stringify: JSON.stringify },
  },
  array: {
    owner: Array,
    own: { from: Array.from, isArray: Array.isArray },
  },
  arrays: {
    owner: arrays,
    own: {
      [Symbol.iterator]: arrays[Symbol.iterator],
      at: arrays.at,
      entries: arrays.entries,
      every: arrays.every,
      fill: arrays.fill,
      filter: arrays.filter,
      find: arrays.find,
      flatMap: arrays.flatMap,
      forEach: arrays.forEach,
      includes: arrays.includes,
      indexOf: arrays.indexOf,
      join: arrays.join,
      map: arrays.map,
      pop: arrays.pop,
      push: arrays.push,
      shift: arrays.shift,
      slice: arrays.slice,
      some: arrays.some,
      sort: arrays.sort,
      splice: arrays.splice,
      toSorted: arrays.toSorted,
    },
  },
  strings: {
    owner: strings,
    own: {
      at: strings.at,
      charCodeAt: strings.charCodeAt,
      endsWith: strings.endsWith,
      includes: strings.includes,
      indexOf: strings.indexOf,
      lastIndexOf: strings.lastIndexOf,
      match: strings.match,
      matchAll: strings.matchAll,
      padStart: strings.padStart,
      replace: strings.replace,
      replaceAll: strings.replaceAll,
      slice: strings.slice,
      split: strings.split,
      startsWith: strings.startsWith,
      toLowerCase: strings.toLowerCase,
      toWellFormed: strings.toWellFormed,
      trim: strings.trim,
    },
  },
  patterns: {
    owner: patterns,
    own: {
      exec: patterns.exec,
      test: patterns.test,
      [Symbol.match]: patterns[Symbol.match],
      [Symbol.matchAll]: patterns[Symbol.matchAll],
      [Symbol.replace]: patterns[Symbol.replace],
      [Symbol.split]: patterns[Symbol.split],
    },
  },
  maps: {
    owner: maps,
    own: {
      [Symbol.iterator]: maps[Symbol.iterator],
      clear: maps.clear,
      delete: maps.delete,
      get: maps.get,
      has: maps.has,
      keys: maps.keys,
      set: maps.set,
      values: maps.values,
    },
  },
  sets: {
    owner: sets,
    own: {
      [Symbol.iterator]: sets[Symbol.iterator],
      add: sets.add,
      clear: sets.clear,
      delete: sets.delete,
      has: sets.has,
    },
  },
  weakMaps: {
    owner: weakMaps,
    own: { get: weakMaps.get, set: weakMaps.set },
  },
  weakSets: {
    owner: weakSets,
    own: { add: weakSets.add, has: weakSets.has },
  },
  bytes: {
    owner: bytes,
    own: { copyWithin: bytes.copyWithin, fill: bytes.fill, set: bytes.set, subarray: bytes.subarray },
  },
  buffer: {
    owner: Buffer,
    own: { alloc: Buffer.alloc, byteLength: Buffer.byteLength, concat: Buffer.concat, from: Buffer.from },
  },
  buffers: {
    owner: buffers,
    own: { toString: buffers.toString },
  },
  arraySteps: {
    owner: arraySteps,
    own: { next: arraySteps.next },
  },
  mapSteps: {
    owner: mapSteps,
    own: { next: mapSteps.next },
  },
  setSteps: {
    owner: setSteps,
    own: { next: setSteps.next },
  },
  stringSteps: {
    owner: stringSteps,
    own: { next: stringSteps.next },
  },
  matchSteps: {
    owner: matchSteps,
    own: { next: matchSteps.next },
  },
  path: {
    owner: path,
    own: { basename: path.basename, isAbsolute: path.isAbsolute, join: path.join, resolve: path.resolve },
  },
  util: {
    owner: util,
    own: { getSystemErrorName: util.getSystemErrorName },
  },
  zlib: {
    owner: zlib,
    own: { crc32: zlib.crc32 },
  },
  net: {
    owner: net,
    own: { isIP: net.isIP },
  },
  emitters: {
    owner: emitters,
    own: { on: emitters.on },
  },
  stores: {
    owner: stores,
    own: { getStore: stores.getStore },
  },
  processOf: {
    owner: process,
    own: { getBuiltinModule: process.getBuiltinModule, nextTick: process.nextTick },
  },
  threads: {
    owner: threads,
    own: { getEnvironmentData: threads.getEnvironmentData, setEnvironmentData: threads.setEnvironmentData },
  },
};

/** An object, and functions that it held when the watcher was loaded. */
export interface Builtins {
  readonly owner: object;
  readonly own: object;
}

export const BUILTINS: readonly Builtins[] = Object.values(KEPT);

/**
 * What a function of one line gives is a constant for V8, and so is all that hangs on it and was never written to: the comparison below is compiled to nothing, and thrown away the moment somebody replaces one of them. Read from a variable, it would be several hundred loads at every guard.
 */
const kept = (): typeof KEPT => KEPT;

/** Is every one of them still there? One function, too long to be made a part of others, where its parts would no longer be constants. */
export function untouched(): boolean {
  const all = kept();
  return (
    Array === all.globals.own.Array &&
    Buffer === all.globals.own.Buffer &&
    Date === all.globals.own.Date &&
    Error === all.globals.own.Error &&
    JSON === all.globals.own.JSON &&
    Map === all.globals.own.Map &&
    Math === all.globals.own.Math &&
    Number === all.globals.own.Number &&
    Object === all.globals.own.Object &&
    Proxy === all.globals.own.Proxy &&
    Reflect === all.globals.own.Reflect &&
    Set === all.globals.own.Set &&
    String === all.globals.own.String &&
    URL === all.globals.own.URL &&
    clearInterval === all.globals.own.clearInterval &&
    clearTimeout === all.globals.own.clearTimeout &&
    decodeURIComponent === all.globals.own.decodeURIComponent &&
    queueMicrotask === all.globals.own.queueMicrotask &&
    setImmediate === all.globals.own.setImmediate &&
    setInterval === all.globals.own.setInterval &&
    setTimeout === all.globals.own.setTimeout &&
    all.objects.owner.assign === all.objects.own.assign &&
    all.objects.owner.create === all.objects.own.create &&
    all.objects.owner.defineProperty === all.objects.own.defineProperty &&
    all.objects.owner.entries === all.objects.own.entries &&
    all.objects.owner.freeze === all.objects.own.freeze &&
    all.objects.owner.fromEntries === all.objects.own.fromEntries &&
    all.objects.owner.getOwnPropertyDescriptor === all.objects.own.getOwnPropertyDescriptor &&
    all.objects.owner.getOwnPropertySymbols === all.objects.own.getOwnPropertySymbols &&
    all.objects.owner.getPrototypeOf === all.objects.own.getPrototypeOf &&
    all.objects.owner.hasOwn === all.objects.own.hasOwn &&
    all.objects.owner.is === all.objects.own.is &&
    all.objects.owner.keys === all.objects.own.keys &&
    all.reflect.owner.apply === all.reflect.own.apply &&
    all.reflect.owner.construct === all.reflect.own.construct &&
    all.reflect.owner.defineProperty === all.reflect.own.defineProperty &&
    all.reflect.owner.deleteProperty === all.reflect.own.deleteProperty &&
    all.reflect.owner.get === all.reflect.own.get &&
    all.reflect.owner.getOwnPropertyDescriptor === all.reflect.own.getOwnPropertyDescriptor &&
    all.reflect.owner.set === all.reflect.own.set &&
    all.url.owner.canParse === all.url.own.canParse &&
    all.date.owner.now === all.date.own.now &&
    all.number.owner.isInteger === all.number.own.isInteger &&
    all.number.owner.isSafeInteger === all.number.own.isSafeInteger &&
    all.number.owner.parseInt === all.number.own.parseInt &&
    all.numbers.owner.toString === all.numbers.own.toString &&
    all.math.owner.floor === all.math.own.floor &&
    all.math.owner.max === all.math.own.max &&
    all.math.owner.min === all.math.own.min &&
    all.math.owner.round === all.math.own.round &&
    all.json.owner.parse === all.json.own.parse &&
    all.json.owner.stringify === all.json.own.stringify &&
    all.array.owner.from === all.array.own.from &&
    all.array.owner.isArray === all.array.own.isArray &&
    all.arrays.owner[Symbol.iterator] === all.arrays.own[Symbol.iterator] &&
    all.arrays.owner.at === all.arrays.own.at &&
    all.arrays.owner.entries === all.arrays.own.entries &&
    all.arrays.owner.every === all.arrays.own.every &&
    all.arrays.owner.fill === all.arrays.own.fill &&
    all.arrays.owner.filter === all.arrays.own.filter &&
    all.arrays.owner.find === all.arrays.own.find &&
    all.arrays.owner.flatMap === all.arrays.own.flatMap &&
    all.arrays.owner.forEach === all.arrays.own.forEach &&
    all.arrays.owner.includes === all.arrays.own.includes &&
    all.arrays.owner.indexOf === all.arrays.own.indexOf &&
    all.arrays.owner.join === all.arrays.own.join &&
    all.arrays.owner.map === all.arrays.own.map &&
    all.arrays.owner.pop === all.arrays.own.pop &&
    all.arrays.owner.push === all.arrays.own.push &&
    all.arrays.owner.shift === all.arrays.own.shift &&
    all.arrays.owner.slice === all.arrays.own.slice &&
    all.arrays.owner.some === all.arrays.own.some &&
    all.arrays.owner.sort === all.arrays.own.sort &&
    all.arrays.owner.splice === all.arrays.own.splice &&
    all.arrays.owner.toSorted === all.arrays.own.toSorted &&
    all.strings.owner.at === all.strings.own.at &&
    all.strings.owner.charCodeAt === all.strings.own.charCodeAt &&
    all.strings.owner.endsWith === all.strings.own.endsWith &&
    all.strings.owner.includes === all.strings.own.includes &&
    all.strings.owner.indexOf === all.strings.own.indexOf &&
    all.strings.owner.lastIndexOf === all.strings.own.lastIndexOf &&
    all.strings.owner.match === all.strings.own.match &&
    all.strings.owner.matchAll === all.strings.own.matchAll &&
    all.strings.owner.padStart === all.strings.own.padStart &&
    all.strings.owner.replace === all.strings.own.replace &&
    all.strings.owner.replaceAll === all.strings.own.replaceAll &&
    all.strings.owner.slice === all.strings.own.slice &&
    all.strings.owner.split === all.strings.own.split &&
    all.strings.owner.startsWith === all.strings.own.startsWith &&
    all.strings.owner.toLowerCase === all.strings.own.toLowerCase &&
    all.strings.owner.toWellFormed === all.strings.own.toWellFormed &&
    all.strings.owner.trim === all.strings.own.trim &&
    all.patterns.owner.exec === all.patterns.own.exec &&
    all.patterns.owner.test === all.patterns.own.test &&
    all.patterns.owner[Symbol.match] === all.patterns.own[Symbol.match] &&
    all.patterns.owner[Symbol.matchAll] === all.patterns.own[Symbol.matchAll] &&
    all.patterns.owner[Symbol.replace] === all.patterns.own[Symbol.replace] &&
    all.patterns.owner[Symbol.split] === all.patterns.own[Symbol.split] &&
    all.maps.owner[Symbol.iterator] === all.maps.own[Symbol.iterator] &&
    all.maps.owner.clear === all.maps.own.clear &&
    all.maps.owner.delete === all.maps.own.delete &&
    all.maps.owner.get === all.maps.own.get &&
    all.maps.owner.has === all.maps.own.has &&
    all.maps.owner.keys === all.maps.own.keys &&
    all.maps.owner.set === all.maps.own.set &&
    all.maps.owner.values === all.maps.own.values &&
    all.sets.owner[Symbol.iterator] === all.sets.own[Symbol.iterator] &&
    all.sets.owner.add === all.sets.own.add &&
    all.sets.owner.clear === all.sets.own.clear &&
    all.sets.owner.delete === all.sets.own.delete &&
    all.sets.owner.has === all.sets.own.has &&
    all.weakMaps.owner.get === all.weakMaps.own.get &&
    all.weakMaps.owner.set === all.weakMaps.own.set &&
    all.weakSets.owner.add === all.weakSets.own.add &&
    all.weakSets.owner.has === all.weakSets.own.has &&
    all.bytes.owner.copyWithin === all.bytes.own.copyWithin &&
    all.bytes.owner.fill === all.bytes.own.fill &&
    all.bytes.owner.set === all.bytes.own.set &&
    all.bytes.owner.subarray === all.bytes.own.subarray &&
    all.buffer.owner.alloc === all.buffer.own.alloc &&
    all.buffer.owner.byteLength === all.buffer.own.byteLength &&
    all.buffer.owner.concat === all.buffer.own.concat &&
    all.buffer.owner.from === all.buffer.own.from &&
    all.buffers.owner.toString === all.buffers.own.toString &&
    all.arraySteps.owner.next === all.arraySteps.own.next &&
    all.mapSteps.owner.next === all.mapSteps.own.next &&
    all.setSteps.owner.next === all.setSteps.own.next &&
    all.stringSteps.owner.next === all.stringSteps.own.next &&
    all.matchSteps.owner.next === all.matchSteps.own.next &&
    all.path.owner.basename === all.path.own.basename &&
    all.path.owner.isAbsolute === all.path.own.isAbsolute &&
    all.path.owner.join === all.path.own.join &&
    all.path.owner.resolve === all.path.own.resolve &&
    all.util.owner.getSystemErrorName === all.util.own.getSystemErrorName &&
    all.zlib.owner.crc32 === all.zlib.own.crc32 &&
    all.net.owner.isIP === all.net.own.isIP &&
    all.emitters.owner.on === all.emitters.own.on &&
    all.stores.owner.getStore === all.stores.own.getStore &&
    all.processOf.owner.getBuiltinModule === all.processOf.own.getBuiltinModule &&
    all.processOf.owner.nextTick === all.processOf.own.nextTick &&
    all.threads.owner.getEnvironmentData === all.threads.own.getEnvironmentData &&
    all.threads.owner.setEnvironmentData === all.threads.own.setEnvironmentData
  );
}

/* oxlint-enable typescript/unbound-method */
