"""QTI 1.2, as Canvas, Blackboard and Common Cartridge write it.

https://www.imsglobal.org/question/qtiv1p2/imsqti_asi_infov1p2.html
"""
