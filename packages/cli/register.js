// `node --import outwitness/register` and `import 'outwitness/register'`: the same as register.cjs, without top-level await.
import './register.cjs';
