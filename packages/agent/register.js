// Entry for `node --import` and for `import '@outwitness/agent/register'`: the same as register.cjs, without top-level await.
import './register.cjs';
