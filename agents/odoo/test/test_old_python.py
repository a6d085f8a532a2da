import ast
import glob
import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
AGENT = os.path.join(os.path.dirname(HERE), 'outwitness_agent')
#: Versions that the agent is to run on.
WANTED = ('3.8', '3.9', '3.10', '3.11', '3.12', '3.13')


def sources():
    for folder, _, files in os.walk(AGENT):
        for name in files:
            if name.endswith('.py'):
                yield os.path.join(folder, name)


class OldPython(unittest.TestCase):
    def test_every_file_is_syntax_of_python_3_8(self):
        files = sorted(sources())
        self.assertGreater(len(files), 20)
        for file in files:
            with self.subTest(os.path.relpath(file, AGENT)), open(file, encoding='utf-8') as text:
                ast.parse(text.read(), file, feature_version=(3, 8))

    def test_the_parser_would_tell_what_python_3_8_lacks(self):
        for text in ('match x:\n    case 1: pass\n', 'with (open(a) as b, open(c) as d): pass\n'):
            with self.assertRaises(SyntaxError):
                ast.parse(text, feature_version=(3, 8))

    def test_annotations_are_not_evaluated(self):
        """`X | None` parses on 3.8, and is an error there once it is evaluated."""
        for file in sources():
            with open(file, encoding='utf-8') as text:
                tree = ast.parse(text.read())
            annotated = any(getattr(node, 'annotation', None) or getattr(node, 'returns', None) for node in ast.walk(tree))
            imported = any(isinstance(node, ast.ImportFrom) and node.module == '__future__' for node in tree.body)
            self.assertTrue(imported or not annotated, file)

    def test_it_loads_and_records_on_every_other_python_of_this_machine(self):
        here = '%d.%d' % sys.version_info[:2]
        runs = {version: path for version in WANTED if version != here for path in [_python(version)] if path}
        if not runs:
            self.skipTest('of %s only %s is on this machine' % (', '.join(WANTED), here))
        for version, path in runs.items():
            with self.subTest(version):
                done = subprocess.run(
                    [path, os.path.join(HERE, 'test_guards.py')], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    timeout=120, check=False,
                )  # fmt: skip
                self.assertEqual(done.returncode, 0, done.stdout.decode())


def _python(version):
    """On the PATH, or one of pyenv's."""
    root = os.environ.get('PYENV_ROOT') or os.path.expanduser('~/.pyenv')
    places = [shutil.which('python' + version), *glob.glob(os.path.join(root, 'versions', version + '.*', 'bin/python3'))]
    for path in filter(None, places):
        if subprocess.run([path, '-c', ''], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return path
    return None


if __name__ == '__main__':
    unittest.main()
