"""Where the pages are."""

from __future__ import annotations

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from estation_central.site import views

urlpatterns = [
    path("", views.station_list, name="stations"),
    path("stations/<slug:name>/", views.station_week, name="station"),
    path("stations/<slug:name>/commands/", views.order, name="order"),
    path("stations/<slug:name>/<str:week>/", views.station_week, name="week"),
    path("pictures/<slug:command>.jpg", views.picture, name="picture"),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),  # on the login page as well
]
