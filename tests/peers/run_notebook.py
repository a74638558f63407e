"""Runs the code cells of notebooks, one after the other in one namespace, as Jupyter does: run_notebook.py A.ipynb ...

Exits with 77, which CTest takes for "skipped", where TransformerLens is not installed.
"""
import importlib.util
import json
import sys

if importlib.util.find_spec("transformer_lens") is None:
    print("TransformerLens is not installed")
    sys.exit(77)

for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        notebook = json.load(file)
    try:
        import nbformat

        nbformat.validate(notebook)
    except ImportError:
        pass
    print(f"--- {path}")
    namespace = {"__name__": "__main__"}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{path}:{cell['id']}", "exec"), namespace)
