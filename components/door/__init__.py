"""The pages in front of the door (sign-in, sign-up): one calm frame with the form on one side and the product on the other."""

from components.door.frame import door_page

__all__ = ["door_page"]
