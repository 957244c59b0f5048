"""The validation study: does the whole chain find what is known to be there?"""
