/**
 * The built-ins that the watcher's code calls, as they were when it was loaded. Each is named twice, in what is kept and in the comparison: written out, a comparison costs a nanosecond; by a name in a list twenty.
 */
const path = process.getBuiltinModule('node:path');
const util = process.getBuiltinModule('node:util');
const zlib = process.getBuiltinModule('node:zlib');
const net = process.getBuiltinModule('node:net');
const emitters = process.getBuiltinModule('node:events').EventEmitter.prototype;
const threads = process.getBuiltinModule('node:worker_threads');
const stores = process.getBuiltinModule('node:async_hooks').AsyncLocalStorage.prototype;

/** Functions of one owner. */
export interface Builtins {
  readonly owner: object;
  readonly own: object;
  /** Are they all still there? */
  readonly untouched: () => boolean;
}

/* oxlint-disable typescript/unbound-method -- compared, and put back where they were */
const globalsOwn = {
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
};
const globals: Builtins = {
  owner: globalThis,
  own: globalsOwn,
  untouched: () =>
    Array === globalsOwn.Array &&
    Buffer === globalsOwn.Buffer &&
    Date === globalsOwn.Date &&
    Error === globalsOwn.Error &&
    JSON === globalsOwn.JSON &&
    Map === globalsOwn.Map &&
    Math === globalsOwn.Math &&
    Number === globalsOwn.Number &&
    Object === globalsOwn.Object &&
    Proxy === globalsOwn.Proxy &&
    Reflect === globalsOwn.Reflect &&
    Set === globalsOwn.Set &&
    String === globalsOwn.String &&
    URL === globalsOwn.URL &&
    clearInterval === globalsOwn.clearInterval &&
    clearTimeout === globalsOwn.clearTimeout &&
    decodeURIComponent === globalsOwn.decodeURIComponent &&
    queueMicrotask === globalsOwn.queueMicrotask &&
    setImmediate === globalsOwn.setImmediate &&
    setInterval === globalsOwn.setInterval &&
    setTimeout === globalsOwn.setTimeout,
};

const objectStaticsOwn = {
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
};
const objectStatics: Builtins = {
  owner: Object,
  own: objectStaticsOwn,
  untouched: () =>
    Object.assign === objectStaticsOwn.assign &&
    Object.create === objectStaticsOwn.create &&
    Object.defineProperty === objectStaticsOwn.defineProperty &&
    Object.entries === objectStaticsOwn.entries &&
    Object.freeze === objectStaticsOwn.freeze &&
    Object.fromEntries === objectStaticsOwn.fromEntries &&
    Object.getOwnPropertyDescriptor === objectStaticsOwn.getOwnPropertyDescriptor &&
    Object.getOwnPropertySymbols === objectStaticsOwn.getOwnPropertySymbols &&
    Object.getPrototypeOf === objectStaticsOwn.getPrototypeOf &&
    Object.hasOwn === objectStaticsOwn.hasOwn &&
    Object.is === objectStaticsOwn.is &&
    Object.keys === objectStaticsOwn.keys,
};

const reflectStaticsOwn = {
  apply: Reflect.apply,
  construct: Reflect.construct,
  defineProperty: Reflect.defineProperty,
  deleteProperty: Reflect.deleteProperty,
  get: Reflect.get,
  getOwnPropertyDescriptor: Reflect.getOwnPropertyDescriptor,
  set: Reflect.set,
};
const reflectStatics: Builtins = {
  owner: Reflect,
  own: reflectStaticsOwn,
  untouched: () =>
    Reflect.apply === reflectStaticsOwn.apply &&
    Reflect.construct === reflectStaticsOwn.construct &&
    Reflect.defineProperty === reflectStaticsOwn.defineProperty &&
    Reflect.deleteProperty === reflectStaticsOwn.deleteProperty &&
    Reflect.get === reflectStaticsOwn.get &&
    Reflect.getOwnPropertyDescriptor === reflectStaticsOwn.getOwnPropertyDescriptor &&
    Reflect.set === reflectStaticsOwn.set,
};

const urlStaticsOwn = {
  canParse: URL.canParse,
};
const urlStatics: Builtins = {
  owner: URL,
  own: urlStaticsOwn,
  untouched: () => URL.canParse === urlStaticsOwn.canParse,
};

const dateStaticsOwn = {
  now: Date.now,
};
const dateStatics: Builtins = {
  owner: Date,
  own: dateStaticsOwn,
  untouched: () => Date.now === dateStaticsOwn.now,
};

const numberStaticsOwn = {
  isInteger: Number.isInteger,
  isSafeInteger: Number.isSafeInteger,
  parseInt: Number.parseInt,
};
const numberStatics: Builtins = {
  owner: Number,
  own: numberStaticsOwn,
  untouched: () =>
    Number.isInteger === numberStaticsOwn.isInteger &&
    Number.isSafeInteger === numberStaticsOwn.isSafeInteger &&
    Number.parseInt === numberStaticsOwn.parseInt,
};

const numbers = Number.prototype;
const numbersMethodsOwn = { toString: numbers.toString };
const numbersMethods: Builtins = {
  owner: numbers,
  own: numbersMethodsOwn,
  untouched: () => numbers.toString === numbersMethodsOwn.toString,
};

const mathStaticsOwn = {
  floor: Math.floor,
  max: Math.max,
  min: Math.min,
  round: Math.round,
};
const mathStatics: Builtins = {
  owner: Math,
  own: mathStaticsOwn,
  untouched: () =>
    Math.floor === mathStaticsOwn.floor &&
    Math.max === mathStaticsOwn.max &&
    Math.min === mathStaticsOwn.min &&
    Math.round === mathStaticsOwn.round,
};

const jsonStaticsOwn = {
  parse: JSON.parse,
  stringify: JSON.stringify,
};
const jsonStatics: Builtins = {
  owner: JSON,
  own: jsonStaticsOwn,
  untouched: () => JSON.parse === jsonStaticsOwn.parse && JSON.stringify === jsonStaticsOwn.stringify,
};

const arrayStaticsOwn = {
  from: Array.from,
  isArray: Array.isArray,
};
const arrayStatics: Builtins = {
  owner: Array,
  own: arrayStaticsOwn,
  untouched: () => Array.from === arrayStaticsOwn.from && Array.isArray === arrayStaticsOwn.isArray,
};

const arrays = Array.prototype;
const arraysMethodsOwn = {
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
};
const arraysMethods: Builtins = {
  owner: arrays,
  own: arraysMethodsOwn,
  untouched: () =>
    arrays[Symbol.iterator] === arraysMethodsOwn[Symbol.iterator] &&
    arrays.at === arraysMethodsOwn.at &&
    arrays.entries === arraysMethodsOwn.entries &&
    arrays.every === arraysMethodsOwn.every &&
    arrays.fill === arraysMethodsOwn.fill &&
    arrays.filter === arraysMethodsOwn.filter &&
    arrays.find === arraysMethodsOwn.find &&
    arrays.flatMap === arraysMethodsOwn.flatMap &&
    arrays.forEach === arraysMethodsOwn.forEach &&
    arrays.includes === arraysMethodsOwn.includes &&
    arrays.indexOf === arraysMethodsOwn.indexOf &&
    arrays.join === arraysMethodsOwn.join &&
    arrays.map === arraysMethodsOwn.map &&
    arrays.pop === arraysMethodsOwn.pop &&
    arrays.push === arraysMethodsOwn.push &&
    arrays.shift === arraysMethodsOwn.shift &&
    arrays.slice === arraysMethodsOwn.slice &&
    arrays.some === arraysMethodsOwn.some &&
    arrays.sort === arraysMethodsOwn.sort &&
    arrays.splice === arraysMethodsOwn.splice &&
    arrays.toSorted === arraysMethodsOwn.toSorted,
};

const strings = String.prototype;
const stringsMethodsOwn = {
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
};
const stringsMethods: Builtins = {
  owner: strings,
  own: stringsMethodsOwn,
  untouched: () =>
    strings.at === stringsMethodsOwn.at &&
    strings.charCodeAt === stringsMethodsOwn.charCodeAt &&
    strings.endsWith === stringsMethodsOwn.endsWith &&
    strings.includes === stringsMethodsOwn.includes &&
    strings.indexOf === stringsMethodsOwn.indexOf &&
    strings.lastIndexOf === stringsMethodsOwn.lastIndexOf &&
    strings.match === stringsMethodsOwn.match &&
    strings.matchAll === stringsMethodsOwn.matchAll &&
    strings.padStart === stringsMethodsOwn.padStart &&
    strings.replace === stringsMethodsOwn.replace &&
    strings.replaceAll === stringsMethodsOwn.replaceAll &&
    strings.slice === stringsMethodsOwn.slice &&
    strings.split === stringsMethodsOwn.split &&
    strings.startsWith === stringsMethodsOwn.startsWith &&
    strings.toLowerCase === stringsMethodsOwn.toLowerCase &&
    strings.toWellFormed === stringsMethodsOwn.toWellFormed &&
    strings.trim === stringsMethodsOwn.trim,
};

const patterns = RegExp.prototype;
const patternsMethodsOwn = {
  exec: patterns.exec,
  test: patterns.test,
  [Symbol.match]: patterns[Symbol.match],
  [Symbol.matchAll]: patterns[Symbol.matchAll],
  [Symbol.replace]: patterns[Symbol.replace],
  [Symbol.split]: patterns[Symbol.split],
};
const patternsMethods: Builtins = {
  owner: patterns,
  own: patternsMethodsOwn,
  untouched: () =>
    patterns.exec === patternsMethodsOwn.exec &&
    patterns.test === patternsMethodsOwn.test &&
    patterns[Symbol.match] === patternsMethodsOwn[Symbol.match] &&
    patterns[Symbol.matchAll] === patternsMethodsOwn[Symbol.matchAll] &&
    patterns[Symbol.replace] === patternsMethodsOwn[Symbol.replace] &&
    patterns[Symbol.split] === patternsMethodsOwn[Symbol.split],
};

const maps = Map.prototype;
const mapsMethodsOwn = {
  [Symbol.iterator]: maps[Symbol.iterator],
  clear: maps.clear,
  delete: maps.delete,
  get: maps.get,
  has: maps.has,
  keys: maps.keys,
  set: maps.set,
  values: maps.values,
};
const mapsMethods: Builtins = {
  owner: maps,
  own: mapsMethodsOwn,
  untouched: () =>
    maps[Symbol.iterator] === mapsMethodsOwn[Symbol.iterator] &&
    maps.clear === mapsMethodsOwn.clear &&
    maps.delete === mapsMethodsOwn.delete &&
    maps.get === mapsMethodsOwn.get &&
    maps.has === mapsMethodsOwn.has &&
    maps.keys === mapsMethodsOwn.keys &&
    maps.set === mapsMethodsOwn.set &&
    maps.values === mapsMethodsOwn.values,
};

const sets = Set.prototype;
const setsMethodsOwn = {
  [Symbol.iterator]: sets[Symbol.iterator],
  add: sets.add,
  clear: sets.clear,
  delete: sets.delete,
  has: sets.has,
};
const setsMethods: Builtins = {
  owner: sets,
  own: setsMethodsOwn,
  untouched: () =>
    sets[Symbol.iterator] === setsMethodsOwn[Symbol.iterator] &&
    sets.add === setsMethodsOwn.add &&
    sets.clear === setsMethodsOwn.clear &&
    sets.delete === setsMethodsOwn.delete &&
    sets.has === setsMethodsOwn.has,
};

const weakMaps = WeakMap.prototype;
const weakMapsMethodsOwn = {
  get: weakMaps.get,
  set: weakMaps.set,
};
const weakMapsMethods: Builtins = {
  owner: weakMaps,
  own: weakMapsMethodsOwn,
  untouched: () => weakMaps.get === weakMapsMethodsOwn.get && weakMaps.set === weakMapsMethodsOwn.set,
};

const weakSets = WeakSet.prototype;
const weakSetsMethodsOwn = {
  add: weakSets.add,
  has: weakSets.has,
};
const weakSetsMethods: Builtins = {
  owner: weakSets,
  own: weakSetsMethodsOwn,
  untouched: () => weakSets.add === weakSetsMethodsOwn.add && weakSets.has === weakSetsMethodsOwn.has,
};

const bytes = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
const bytesMethodsOwn = {
  copyWithin: bytes.copyWithin,
  fill: bytes.fill,
  set: bytes.set,
  subarray: bytes.subarray,
};
const bytesMethods: Builtins = {
  owner: bytes,
  own: bytesMethodsOwn,
  untouched: () =>
    bytes.copyWithin === bytesMethodsOwn.copyWithin &&
    bytes.fill === bytesMethodsOwn.fill &&
    bytes.set === bytesMethodsOwn.set &&
    bytes.subarray === bytesMethodsOwn.subarray,
};

const bufferStaticsOwn = {
  alloc: Buffer.alloc,
  byteLength: Buffer.byteLength,
  concat: Buffer.concat,
  from: Buffer.from,
};
const bufferStatics: Builtins = {
  owner: Buffer,
  own: bufferStaticsOwn,
  untouched: () =>
    Buffer.alloc === bufferStaticsOwn.alloc &&
    Buffer.byteLength === bufferStaticsOwn.byteLength &&
    Buffer.concat === bufferStaticsOwn.concat &&
    Buffer.from === bufferStaticsOwn.from,
};

const buffers = Buffer.prototype;
const buffersMethodsOwn = {
  toString: buffers.toString,
};
const buffersMethods: Builtins = {
  owner: buffers,
  own: buffersMethodsOwn,
  untouched: () => buffers.toString === buffersMethodsOwn.toString,
};

const prototypeOf = <T extends object>(made: T): T => Object.getPrototypeOf(made) as T;
const arraySteps = prototypeOf([][Symbol.iterator]());
const mapSteps = prototypeOf(new Map().keys());
const setSteps = prototypeOf(new Set().keys());
const stringSteps = prototypeOf('s'[Symbol.iterator]());
const matchSteps = prototypeOf('s'.matchAll(/s/g));
const arrayStepsOwn = { next: arraySteps.next };
const arrayStepsFunctions: Builtins = {
  owner: arraySteps,
  own: arrayStepsOwn,
  untouched: () => arraySteps.next === arrayStepsOwn.next,
};
const mapStepsOwn = { next: mapSteps.next };
const mapStepsFunctions: Builtins = {
  owner: mapSteps,
  own: mapStepsOwn,
  untouched: () => mapSteps.next === mapStepsOwn.next,
};
const setStepsOwn = { next: setSteps.next };
const setStepsFunctions: Builtins = {
  owner: setSteps,
  own: setStepsOwn,
  untouched: () => setSteps.next === setStepsOwn.next,
};
const stringStepsOwn = { next: stringSteps.next };
const stringStepsFunctions: Builtins = {
  owner: stringSteps,
  own: stringStepsOwn,
  untouched: () => stringSteps.next === stringStepsOwn.next,
};
const matchStepsOwn = { next: matchSteps.next };
const matchStepsFunctions: Builtins = {
  owner: matchSteps,
  own: matchStepsOwn,
  untouched: () => matchSteps.next === matchStepsOwn.next,
};

const pathFunctionsOwn = {
  basename: path.basename,
  isAbsolute: path.isAbsolute,
  join: path.join,
  resolve: path.resolve,
};
const pathFunctions: Builtins = {
  owner: path,
  own: pathFunctionsOwn,
  untouched: () =>
    path.basename === pathFunctionsOwn.basename &&
    path.isAbsolute === pathFunctionsOwn.isAbsolute &&
    path.join === pathFunctionsOwn.join &&
    path.resolve === pathFunctionsOwn.resolve,
};

const utilFunctionsOwn = {
  getSystemErrorName: util.getSystemErrorName,
};
const utilFunctions: Builtins = {
  owner: util,
  own: utilFunctionsOwn,
  untouched: () => util.getSystemErrorName === utilFunctionsOwn.getSystemErrorName,
};

const zlibFunctionsOwn = {
  crc32: zlib.crc32,
};
const zlibFunctions: Builtins = {
  owner: zlib,
  own: zlibFunctionsOwn,
  untouched: () => zlib.crc32 === zlibFunctionsOwn.crc32,
};

const netFunctionsOwn = {
  isIP: net.isIP,
};
const netFunctions: Builtins = {
  owner: net,
  own: netFunctionsOwn,
  untouched: () => net.isIP === netFunctionsOwn.isIP,
};

const emittersFunctionsOwn = {
  on: emitters.on,
};
const emittersFunctions: Builtins = {
  owner: emitters,
  own: emittersFunctionsOwn,
  untouched: () => emitters.on === emittersFunctionsOwn.on,
};

const storesFunctionsOwn = {
  getStore: stores.getStore,
};
const storesFunctions: Builtins = {
  owner: stores,
  own: storesFunctionsOwn,
  untouched: () => stores.getStore === storesFunctionsOwn.getStore,
};

const processOfFunctionsOwn = {
  getBuiltinModule: process.getBuiltinModule,
  nextTick: process.nextTick,
};
const processOfFunctions: Builtins = {
  owner: process,
  own: processOfFunctionsOwn,
  untouched: () =>
    process.getBuiltinModule === processOfFunctionsOwn.getBuiltinModule &&
    process.nextTick === processOfFunctionsOwn.nextTick,
};

const threadsFunctionsOwn = {
  getEnvironmentData: threads.getEnvironmentData,
  setEnvironmentData: threads.setEnvironmentData,
};
const threadsFunctions: Builtins = {
  owner: threads,
  own: threadsFunctionsOwn,
  untouched: () =>
    threads.getEnvironmentData === threadsFunctionsOwn.getEnvironmentData &&
    threads.setEnvironmentData === threadsFunctionsOwn.setEnvironmentData,
};

/* oxlint-enable typescript/unbound-method */

export const BUILTINS: readonly Builtins[] = [
  globals,
  objectStatics,
  reflectStatics,
  urlStatics,
  dateStatics,
  numberStatics,
  numbersMethods,
  mathStatics,
  jsonStatics,
  arrayStatics,
  arraysMethods,
  stringsMethods,
  patternsMethods,
  mapsMethods,
  setsMethods,
  weakMapsMethods,
  weakSetsMethods,
  bytesMethods,
  bufferStatics,
  buffersMethods,
  pathFunctions,
  utilFunctions,
  zlibFunctions,
  netFunctions,
  emittersFunctions,
  storesFunctions,
  processOfFunctions,
  threadsFunctions,
  arrayStepsFunctions,
  mapStepsFunctions,
  setStepsFunctions,
  stringStepsFunctions,
  matchStepsFunctions,
];

/** Is every one of them still there? */
export function untouched(): boolean {
  return (
    globals.untouched() &&
    objectStatics.untouched() &&
    reflectStatics.untouched() &&
    urlStatics.untouched() &&
    dateStatics.untouched() &&
    numberStatics.untouched() &&
    numbersMethods.untouched() &&
    mathStatics.untouched() &&
    jsonStatics.untouched() &&
    arrayStatics.untouched() &&
    arraysMethods.untouched() &&
    stringsMethods.untouched() &&
    patternsMethods.untouched() &&
    mapsMethods.untouched() &&
    setsMethods.untouched() &&
    weakMapsMethods.untouched() &&
    weakSetsMethods.untouched() &&
    bytesMethods.untouched() &&
    bufferStatics.untouched() &&
    buffersMethods.untouched() &&
    pathFunctions.untouched() &&
    utilFunctions.untouched() &&
    zlibFunctions.untouched() &&
    netFunctions.untouched() &&
    emittersFunctions.untouched() &&
    storesFunctions.untouched() &&
    processOfFunctions.untouched() &&
    threadsFunctions.untouched() &&
    arrayStepsFunctions.untouched() &&
    mapStepsFunctions.untouched() &&
    setStepsFunctions.untouched() &&
    stringStepsFunctions.untouched() &&
    matchStepsFunctions.untouched()
  );
}
