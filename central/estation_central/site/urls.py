"""Where the pages are."""

from __future__ import annotations

from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from estation_central.accounts.access import needs
from estation_central.accounts.rules import Right
from estation_central.api import reading
from estation_central.site import (
    alerts,
    box_list,
    boxes,
    bulletins,
    importing,
    ledger,
    log,
    officer,
    programme,
    quarantine,
    regions,
    second_factor,
    sites,
    sums,
    terms,
    today,
    users,
    views,
    watching,
    weeks,
)

urlpatterns = [
    path("", views.station_list, name="stations"),
    path("today/", today.today, name="today"),
    path("today/route/", today.route, name="route"),
    path("today/<slug:code>/", today.today, name="today-in"),
    path("today/<slug:code>/route/", today.route, name="route-in"),
    path("regions/", regions.region, name="regions"),
    path("regions/<slug:code>/", regions.region, name="region"),
    path("coverage/", regions.coverage, name="coverage"),
    path("sites/<str:code>/", sites.site, name="site"),
    path("sites/<str:code>/officers/", sites.officers, name="officers"),
    path("sites/<str:code>/closed-weeks/", sites.close_week, name="close-week"),
    path("sites/<str:code>/weeks/<str:week>/", weeks.site_week, name="site-week"),
    path("stations/<slug:name>/", views.station_week, name="station"),
    path("stations/<slug:name>/commands/", views.order, name="order"),
    path("stations/<slug:name>/history/", boxes.history, name="history"),
    path("stations/<slug:name>/history/fit/", boxes.fit, name="fit"),
    path("stations/<slug:name>/history/take-away/", boxes.take_away, name="take-away"),
    path("stations/<slug:name>/programme/", programme.programme, name="programme"),
    path("stations/<slug:name>/<str:week>/", views.station_week, name="week"),
    path("boxes/", box_list.boxes, name="boxes"),
    path("boxes/<str:serial>/condition/", box_list.box_condition, name="box-condition"),
    path("pictures/<slug:command>.jpg", views.picture, name="picture"),
    path("registry/import/", importing.import_file, name="import"),
    path("registry/export/", importing.export_file, name="export"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/<int:pk>/acknowledge/", alerts.acknowledge, name="acknowledge"),
    path("alerts/<int:pk>/silence/", alerts.silence, name="silence"),
    path("api/v1/", (reading.routes(), "api", "api")),
    path("healthz", watching.alive, name="healthz"),
    path("readyz", watching.ready, name="readyz"),
    path("metrics", watching.metrics, name="metrics"),
    path("sites/<str:code>/officers/<int:pk>/link/", sites.officer_link, name="officer-link"),
    path("mine/<str:token>/", officer.mine, name="mine"),
    path("mine/<str:token>/closed/", officer.close, name="officer-close"),
    path("mine/<str:token>/poster/", officer.poster, name="poster"),
    path("at/<str:code>/", officer.public_site, name="public-site"),
    path("bulletins/", bulletins.bulletins, name="bulletins"),
    path("bulletins/-new/", bulletins.new, name="bulletin-new"),  # a name begins with a letter or digit
    path("bulletins/<str:name>/", bulletins.bulletin, name="bulletin"),
    path("bulletins/<str:name>/draft.json", bulletins.draft, name="bulletin-draft"),
    path("bulletins/<str:name>/letter/", bulletins.letter, name="bulletin-letter"),
    path("bulletins/<str:name>/act/", bulletins.act, name="bulletin-act"),
    path("b/<str:name>/", bulletins.public, name="public-bulletin"),
    path("sums/", sums.sums, name="sums"),
    path("years/<int:year>/", sums.paragraph, name="paragraph"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("officers/", sites.officer_counts, name="officer-counts"),
    path("ledger/terms/", terms.terms, name="terms"),
    path("ledger/overdue/", ledger.overdue, name="overdue"),
    path("ledger/batches/<int:pk>/", ledger.batch, name="batch"),
    path("ledger/batches/<int:pk>/sheet.xlsx", ledger.batch_sheet, name="batch-sheet"),
    path("ledger/payments/<int:pk>/", ledger.payment, name="payment"),
    path("users/", users.users, name="users"),
    path("users/<int:pk>/", users.user, name="user"),
    path("log/", log.log, name="log"),
    path("quarantine/", quarantine.quarantine, name="quarantine"),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("password/", needs(Right.OWN)(auth.PasswordChangeView.as_view(success_url="/")), name="password"),
    path("logout/", needs(Right.OWN)(auth.LogoutView.as_view()), name="logout"),
    path("language/", login_not_required(set_language), name="set_language"),  # on the login page as well
]
