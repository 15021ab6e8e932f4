"""What is said to people of a stick: one sentence in Chinese and in English, kept short.

A sentence fits the record `stick.seen` (96 characters); facts are put in with `about`, cut where they are long.
"""

from __future__ import annotations

from typing import Final, NamedTuple, Self

FACT_CHARACTERS: Final = 26  # a title of the field has 4 to 20; sentence and facts together stay below 96


class Said(NamedTuple):
    """One sentence in both languages; ``{…}`` stand for facts."""

    zh: str
    en: str

    def about(self, **facts: object) -> Self:
        """The sentence with its facts filled in, each on one line and cut to `FACT_CHARACTERS`."""
        short = {name: " ".join(str(fact).split())[:FACT_CHARACTERS] for name, fact in facts.items()}
        return self._replace(zh=self.zh.format(**short), en=self.en.format(**short))

    def to(self, languages: tuple[str, ...]) -> str:
        """The sentence for people who read ``languages``: Chinese, unless English stands before it."""
        for language in languages:
            if language.startswith("zh"):
                return self.zh
            if language.startswith("en"):
                return self.en
        return self.zh


class Line(NamedTuple):
    """One line of the receipt: a tick or a cross, and what happened."""

    ok: bool
    said: Said


NOT_OURS: Final = Said(
    "这不是科普e站的 U 盘：没有 ESTATION 文件夹", "This is no E-Station stick: it has no folder ESTATION"
)
NO_LIBRARY: Final = Said("U 盘上没有节目库", "There is no library on this stick")
UNSIGNED: Final = Said("节目库的签名不对，未采用", "The library is not signed by our publisher; it was not taken")
EXPIRED: Final = Said("节目库已过期，请重新制作 U 盘", "The library on this stick has expired; make the stick again")
OLDER: Final = Said("节目库比本机的旧，未采用", "The library on this stick is older than the box's; it was not taken")
HALF_COPIED: Final = Said(
    "节目库没有拷完整，请重新制作 U 盘", "The library was half copied or damaged; make the stick again"
)
ROOTS_MISSING: Final = Said(
    "节目库缺少密钥更换文件，请重新制作 U 盘", "The library lacks a change of keys; make the stick again"
)
NEWER: Final = Said("节目库需要更新的软件，请先升级本机", "The library needs newer software; update this box first")
NO_TRUST: Final = Said(
    "本机没有发布者的根密钥，请重新装机", "This box lacks its publisher's root; install the image again"
)
LIBRARY_TAKEN: Final = Said("节目库已验证：第 {version} 版", "The library is verified: version {version}")
RULE_BAD: Final = Said("节目安排“{rule}”读不懂，已跳过", "The rule {rule} cannot be understood; it was left out")

UNREADABLE: Final = Said(
    "U 盘拔早了，或者读不出：请再插上，等到说可以拔出",
    "Pulled too early, or cannot be read: put it in again and wait for the word",
)
NOT_PLAIN: Final = Said(
    "U 盘上的“{name}”不是普通文件，未打开", "{name} on the stick is no plain file; it was not opened"
)
NTFS: Final = Said(
    "U 盘是 NTFS 格式：请在 Windows 右键它，格式化，选 exFAT 或 FAT32，再重新制作",
    "It is NTFS: in Windows right-click it, Format…, exFAT (or FAT32); then copy again",
)
NO_FILE_SYSTEM: Final = Said(
    "U 盘没有格式化，或者坏了：请在 Windows 格式化，选 exFAT，再重新制作",
    "Not formatted, or broken: in Windows Format…, choose exFAT; then copy again",
)
STRANGE_FILE_SYSTEM: Final = Said(
    "U 盘是 {kind} 格式，读不了：请格式化，选 exFAT 或 FAT32，再重新制作",
    "It is {kind}, which is not read: format it as exFAT or FAT32; copy again",
)
MOUNT_REFUSED: Final = Said(
    "U 盘打不开：请在电脑上检查修复它，或者换一个 U 盘",
    "The stick cannot be opened: have a computer check and repair it, or take another",
)
READ_ONLY: Final = Said("U 盘是只读的，回执没有写上", "The stick is read-only; no receipt could be written")
STICK_FULL: Final = Said("U 盘满了，回执没有写上", "The stick is full; no receipt could be written")

CONTENT_TAKEN: Final = Said("新存入 {count} 个节目（{mib} MiB）", "{count} new programmes were stored ({mib} MiB)")
CONTENT_HELD: Final = Said("节目齐全：{count} 个", "All {count} programmes are on the box")
CONTENT_MISSING: Final = Said(
    "还缺 {count} 个要放的节目，例如“{title}”", "{count} planned programmes are still missing: {title}"
)
CONTENT_SHORT: Final = Said("“{title}”没有拷完整", "{title} was half copied")
CONTENT_DAMAGED: Final = Said("“{title}”已损坏，未采用", "{title} is damaged; it was not taken")
CONTENT_STRANGE: Final = Said(
    "“{title}”不是视频或图片，未采用", "{title} is not a video or a picture; it was not taken"
)
BOX_FULL: Final = Said("本机存储已满，{count} 个节目没有存入", "The box is full: {count} programmes were left out")
CARD_FULL: Final = Said("本机的存储卡满了，请换大一点的卡", "The box's card is full; take a larger one")
CARD_DYING: Final = Said(
    "本机的存储卡快坏了：多处读不出，请换卡", "The box's card is wearing out: much of it is damaged; replace it"
)
FILMS_ROTTEN: Final = Said(
    "卡上有 {count} 个节目坏了，暂不播放；再插节目 U 盘就会修好",
    "{count} programmes on the card are damaged and not shown; put the stick in again",
)
ROOM_MADE: Final = Said(
    "为需要的节目腾出了地方，删去 {count} 个用不着的", "{count} programmes that are not needed made room"
)
BOX_FAULT: Final = Said("本机的存储卡写不进去，请换卡", "The box's card cannot be written; replace the card")

RETIRED: Final = Said(
    "本机已恢复出厂：{station} 的名字、密钥、证书都删除了",
    "This box is bare again: name, key and certificate of {station} are gone",
)
RETIRE_LATER: Final = Said(
    "还有记录没有带走，本机先不收回：请带 U 盘回中心，下次再来",
    "Records are still to go home, the box stays: take the stick to the office, then come again",
)
PROFILE_RETIRES: Final = Said(
    "U 盘要收回站点 {station}，本机不是它，什么也没有做",
    "The stick retires {station}; this box is another, nothing was done",
)
PROVISIONED: Final = Said("本机现在是“{name}”（{station}）", "This box is now {name} ({station})")
PROFILE_UNSIGNED: Final = Said(
    "站点档案 {station} 的签名不对", "The profile {station} is not signed by our association"
)
PROFILE_BROKEN: Final = Said("站点档案 {station} 读不懂", "The profile {station} cannot be understood")
PROFILE_OTHER: Final = Said(
    "U 盘是给 {other} 的，本机是 {station}", "The stick is for {other}; this box is {station} and stays so"
)
PROFILE_MISNAMED: Final = Said("档案 {station} 里写的是另一个站", "The profile {station} names another station inside")
PROFILE_EXPIRED: Final = Said(
    "站点档案 {station} 已过期，请重新制作", "The profile {station} has expired; make a new one"
)
PROFILE_USED: Final = Said("站点档案 {station} 已经用过，请重新制作", "The profile {station} was used; make a new one")
PROFILE_OLDER: Final = Said("站点档案 {station} 比本机的旧", "The profile {station} is older than this box's")
PROFILE_SEVERAL: Final = Said(
    "U 盘上有 {count} 个未用的档案：请在电视前选站，短按换一个，长按确认",
    "{count} unused profiles: choose at the TV; a short press is next, a long one is yes",
)
PROFILE_NO_KEYS: Final = Said("没有可信的节目库，档案无法核对", "Without a trusted library no profile can be checked")
REQUEST_LEFT: Final = Said("证书申请已写到 U 盘，请带回中心", "The certificate request is on the stick; take it back")
CERTIFICATE_TAKEN: Final = Said("证书已装入", "The certificate is installed")
CERTIFICATE_OTHER: Final = Said(
    "证书不是签给本机的，未采用", "The certificate is not for this box's key; it was not taken"
)

NO_NETWORK: Final = Said(
    "这里只读 U 盘，网络由另一个程序取", "Only sticks are read here; the network is another process's"
)

READING: Final = Said("正在核对 U 盘…", "Checking the stick …")
COPYING: Final = Said("正在装载 {number}/{count} {title}", "Loading {number}/{count} {title}")
FINISHING: Final = Said("就好，请勿拔出 U 盘…", "Nearly done, leave the stick in …")
LEAVE_IN: Final = Said("请勿拔出 U 盘", "leave the stick in")
READY: Final = Said("可以播放了，现在可以拔出 U 盘", "Ready to play, you may pull the stick")
MORE_FOLLOWS: Final = Said("不拔就继续装其余节目", "while it stays in, the rest goes on")
RATE: Final = Said("{rate} MB/s", "{rate} MB/s")
MINUTES_LEFT: Final = Said("还要 {left} 分钟", "{left} min left")
SECONDS_LEFT: Final = Said("还要 {left} 秒", "{left} s left")
READ_TO_END: Final = Said("U 盘已读完，可以拔出", "The stick is read, you may pull it")
READ_BADLY: Final = Said("U 盘可以拔出", "You may pull the stick")
PULLED_READY: Final = Said("可以播放了：本周节目已装好", "Ready to play: this week's programmes are on the box")
WEEK_HELD: Final = Said(
    "本周节目已装好，可以拔出；其余 {count} 个可以下次再装",
    "This week's programmes are on the box; {count} more may follow another time",
)
