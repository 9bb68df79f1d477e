"""QTI 1.2, as used by Canvas, Blackboard and Common Cartridge.

https://www.imsglobal.org/question/qtiv1p2/imsqti_asi_infov1p2.html
"""
