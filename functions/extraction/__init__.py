"""Text out of files: the functions `extract` and `ocr`, which may do nothing but what their presigned URLs allow.

They open what strangers have made, so each file is read in a process of its own with bounded memory and time.
"""
