"""The container engine behind one small Protocol: docker (real), recorded, process, fake."""
