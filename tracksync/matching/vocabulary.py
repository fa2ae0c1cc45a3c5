"""The words by which titles say what a recording is, and those that say nothing about it.

Whole words only. Phrases are written as people write them and folded as titles are, so that accents and case do not
matter; a semicolon stands between two. Longer phrases go before shorter ones.
"""

from __future__ import annotations

from enum import StrEnum

from tracksync.matching.tokens import Words, words

__all__ = [
    "CHANGING",
    "INSTRUMENTS",
    "JOINERS",
    "LABEL_WORDS",
    "LANGUAGES",
    "PHRASES",
    "VENUES",
    "WEAK",
    "Kind",
    "Role",
]


class Kind(StrEnum):
    """What a recording is, where it is not simply the original."""

    REMIX = "remix"
    BOOTLEG = "bootleg"
    REWORK = "rework"
    EDIT = "edit"
    VIP = "VIP"
    DUB = "dub"
    COVER = "cover"
    NAMED = "version"
    LIVE = "live"
    ACOUSTIC = "acoustic"
    INSTRUMENTAL = "instrumental"
    A_CAPPELLA = "a cappella"
    KARAOKE = "karaoke"
    EXTENDED = "extended"
    RADIO = "radio edit"
    CLUB = "club"
    SPED_UP = "sped up"
    SLOWED = "slowed"
    REVERB = "reverb"
    NIGHTCORE = "nightcore"
    EIGHT_D = "8D"
    BOOSTED = "bass boosted"
    LO_FI = "lo-fi"
    MASHUP = "mashup"
    LOOP = "loop"
    SET = "mix or set"
    DEMO = "demo"
    PREVIEW = "preview"
    CLEAN = "clean"
    MIXED = "part of a mix"
    OTHER = "something else than the recording"
    RERECORDED = "re-recorded"
    SINGLE = "single version"
    MONO = "mono"


class Role(StrEnum):
    """What a phrase is good for, where it is no kind."""

    OWNED = "owned"
    """A kind whose owner stands before it: `Eric Prydz Remix`."""
    NOISE = "noise"
    LYRICS = "lyrics"
    ORIGINAL = "original"
    REMASTER = "remaster"
    FEAT = "feat"
    BY = "by"
    PRODUCED = "produced"
    FROM = "from"


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


JOINERS = _words_of("and x vs versus feat ft featuring with w y e et und и con mit avec presents pres meets the b2b")
"""Words between names."""

LABEL_WORDS = _words_of("records recordings recs record music release label digital tapes trax sounds audio")

VENUES = _words_of(
    "session sessions lounge concert tour festival stadium arena bbc kexp mtv radio tv studio stream show"
    " room theatre theater club hall unplugged garden house berlin london paris tokyo ibiza amsterdam"
    " glastonbury wembley tomorrowland coachella lollapalooza ultra knebworth hollywood"
)
"""What may stand beside `live` without a preposition: `Live KEXP 2014`."""

INSTRUMENTS = _words_of(
    "piano guitar orchestral orchestra strings string quartet violin cello ukulele harp saxophone sax flute"
    " marimba choir symphonic symphony lullaby chiptune 8bit jazz metal rock swing bossa nova reggae unplugged"
    " stripped drumless drums bass vocals organ trap hardstyle phonk house techno drill amapiano ambient"
    " chillout chill a432 432hz tiktok ピアノ ギター"
)
"""What says, alone in brackets, that it is played or made in another way."""

GENRES = _words_of("house techno trap ambient chill metal rock jazz dubstep trance electro edm dnb garage disco funk")
"""Of these, what a promoter's upload begins with in brackets, to sort it: `[Tech House] Artist - Title`."""

CHANGING = _words_of(
    "pt pts part vol volume interlude prelude reprise cinematic epic sad happy muffled underwater mall empty"
    " arena nightclub hall spatial lyricless karaoke only no without but minus less male female pitch pitched"
    " key minor major bpm tempo speed speeded half double reversed reverse backwards layered ultra super extra"
    " restrung launchpad cover covers ver live session sessions intro outro alternate alternative different"
    " one other rehearsal unreleased vocal vocals a432 432hz"
)
"""Words in brackets that most likely change what is to be heard, so that they name no label."""

WEAK = _words_of(
    "faster slow short pitched lento sample excerpt extract trailer dance review episode concert set loop"
    " loops chopped screwed chords tab tabs remake interview documentary parody quiz blend pista minus"
    " playback playlist compilation covers covered cover tribute tributo session sessions walkthrough analysis"
    " breakdown explained recreation medley podcast reverb covering"
)
"""Words of a kind that are also ordinary words: nothing may be left over beside them."""

LANGUAGES = _words_of(
    "english spanish french german italian portuguese japanese korean chinese mandarin russian arabic hindi"
    " turkish polish espanol ingles deutsch francais italiano portugues"
)

_ROLES: dict[Role, str] = {
    Role.ORIGINAL: "original mix; original version; original; album version; album mix; lp version;"
    " studio version; main mix; main version; standard version; full version; full length version; full length;"
    " оригинал",
    Role.REMASTER: "remaster; remastered; remastering; re mastered; digital remaster; remasterizado;"
    " remasterisé; remasterizada; rimasterizzato; remastered version; remaster version; ремастер; リマスター",
    Role.LYRICS: "lyrics; lyric; lyric video; lyrics in description; in description; description; lyrics video;"
    " tiktok song; tik tok song; tiktok songs; with lyrics; letra; letras; con letra; legendado; tradução;"
    " paroles; testo; text; songtext; subtitulado; subtitulada; subtitles; sub; subs; перевод; текст; текст песни;"
    " слова; 가사; 歌詞; 歌词; 歌詞付き; 字幕; كلمات; مترجمة; sözleri; tekst; color coded",
    Role.NOISE: "official; full hd; ultra hd; 4k upgrade; hd upgrade; animated; animated video; animation;"
    " vertical; unofficial; fan video; cover art; with cover art; art track; static video; official song; רשמי;"
    " קליפ רשמי; הקליפ הרשמי; קליפ; 主題曲; 主题曲; official video; official audio; official music video;"
    " music video; music; video; audio; hd; hq; hi res; 4k; 8k; 2k; uhd; 1080p; 720p; 60fps; mv; m v; pv; clip;"
    " visualizer; visualiser; visual; official visualizer; video clip; videoclip; videoclip oficial;"
    " video oficial; audio oficial; oficial; clipe oficial; clip officiel; clip vidéo; officiel;"
    " offizielles video; offizielles musikvideo; offiziell; musikvideo; video ufficiale; ufficiale;"
    " официальный клип; официальное видео; официальный; клип; видео; премьера; премьера клипа; премьера песни;"
    " аудио; 공식; 뮤직비디오; 公式; 官方; 完整版; 高音質; 無料; الرسمي; الرسمية; فيديو; فيديو كليب; كليب; حصريا;"
    " اغنية; resmi video; explicit; explicit version; dirty; dirty version; uncensored; full song; full track;"
    " full audio; premiere; premier; world premiere; video premiere; track premiere; exclusive; exclusiva;"
    " free download; free dl; free; download; dl; buy free; out now; available now; new; new song; release;"
    " released; ep; lp; album; single; deluxe; deluxe edition; deluxe version; edition; expanded edition;"
    " anniversary edition; special edition; anniversary; bonus; bonus track; ost; soundtrack; original soundtrack;"
    " original motion picture soundtrack; stereo; stereo version; stereo mix; restored; upscaled; lossless; flac;"
    " wav; mp3; 320; 320kbps; cdq; cd; cd quality; vinyl; vinyl rip; 12 vinyl; from vinyl; ncs; ncs release;"
    " no copyright; no copyright music; copyright free; royalty free; dolby atmos; spatial audio;"
    " performance video; official performance video; prod; digital; promo; title track; track; song;"
    " official lyric video; topic; vevo; high quality; best quality; best version; on screen; audio only;"
    " theme song; #",
    Role.FEAT: "feat; ft; featuring; with; duet with",
    Role.BY: "by; de; von; par; от",
    Role.PRODUCED: "prod by; prod; produced by; produced; beat by; prod. от",
    Role.FROM: "from; from the; taken from; off; aus; из; из фильма",
}

_PLAIN: dict[Kind, str] = {
    Kind.ACOUSTIC: "acoustic; acoustic version; acoustic mix; acústico; acústica; acoustique; akustik;"
    " acustico; version acoustique; versión acústica; акустика; акустическая версия; アコースティック; 어쿠스틱;"
    " unplugged acoustic; stripped; stripped down; stripped version",
    Kind.INSTRUMENTAL: "instrumental; instrumentals; instrumental version; instrumental mix;"
    " instrumentalversion; inst; no vocals; without vocals; backing track; beat only; off vocal; off vocal ver;"
    " minus one; minus; минус; минусовка; инструментал; инструментальная версия; インスト; インストゥルメンタル;"
    " オフボーカル; 인스트; 纯音乐; 純音樂; 伴奏; strumentale; instrumentale; موسيقى فقط; base instrumental;"
    " base musical; pista",
    Kind.A_CAPPELLA: "a cappella; acapella; acappella; a capella; acapela; accapella; acca; vocals only;"
    " vocal only; only vocals; isolated vocals; isolated vocal; voice only; studio acapella; акапелла; アカペラ;"
    " 아카펠라",
    Kind.KARAOKE: "karaoke; karaoke version; karaoké; in the style of; made famous by; made popular by;"
    " as made famous by; originally performed by; sing along; singalong; sing king; караоке; カラオケ; 노래방;"
    " 卡拉ok; كاريوكي; קריוקי; playback; karaoke mr; mr 노래방",
    Kind.EXTENDED: "extended; extended mix; extended version; extended edit; extended play; long version;"
    " 12 mix; 12 inch mix; 12 inch version; 12 version; 12 inch; extended 12 mix; 12 extended version;"
    " 12 extended mix; 12 extended; 12 inch extended; extended 12 version; full extended; versão estendida;"
    " расширенная версия",
    Kind.RADIO: "radio edit; radio mix; radio version; radio cut; radio; short edit; short version; short mix;"
    " short; single edit; edited version; short ver; tv size; tv version; tv edit; 7 edit; 7 inch edit;"
    " 7 inch mix; 7 mix; 7 version; 7 inch version; 7 inch; radio-edit; радио версия; radio friendly",
    Kind.CLUB: "club; club mix; club version",
    Kind.SPED_UP: "sped up; speed up; spedup; speedup; sped up version; faster; fast version; speed songs;"
    " ускоренная; ускоренная версия; 加速; chipmunk; pitched up; tiktok speed",
    Kind.SLOWED: "slowed; slowed down; slowed version; slow version; slow; super slowed; ultra slowed; daycore;"
    " pitched; chopped and screwed; chopped; screwed; slowed to perfection; замедленная; 降调; lento",
    Kind.REVERB: "reverb; reverbed; reverb version; with reverb; in another room; from another room;"
    " empty arena; in an empty arena; playing in another room",
    Kind.NIGHTCORE: "nightcore; nightcore version; nightcored; найткор",
    Kind.EIGHT_D: "8d; 8d audio; 8d version; 8d music; 8d sound; 16d; 3d audio; 9d audio; 9d; 360 audio",
    Kind.BOOSTED: "bass boosted; bassboosted; bass boost; extreme bass; боосс",
    Kind.LO_FI: "lofi; lo fi; lofi version; lofi remix; lofi hip hop; lo fi remix; lo fi version; lofi mix",
    Kind.MASHUP: "mashup; mash up; medley; megamix; mega mix; minimix; mixmash; blend; медли; メドレー; 메들리",
    Kind.LOOP: "loop; looped; loops; on repeat; 1 hour; one hour; 1 hour version; 10 hours; 10 hour; ten hours;"
    " 2 hours; 3 hours; 5 hours; 8 hours; 12 hours; 24 hours; 1 hora; 1 heure; 1 stunde; 1h; 10h; 1 час; 10 часов;"
    " 耐久; 作業用; 1시간; 1時間; 30 minutes; 30 min; 1 hr; hour loop; ساعه",
    Kind.SET: "dj set; live set; dj mix; djmix; guest mix; essential mix; full set; live dj set; mixtape;"
    " podcast; radio show; continuous mix; continuous dj mix; full mix; mix set; set; boiler room; full album;"
    " full ep; album completo; full concert; greatest hits; best of; playlist; compilation; tracklist; episode;"
    " yearmix; year mix; full live; mix compilation; nonstop; non stop; альбом целиком; сборник; полный альбом;"
    " top hits",
    Kind.DEMO: "demo; demo version; early demo; original demo; home demo; rough mix; rough; early version;"
    " alternate; alternate version; alternate mix; alternate take; alternative version; alternative mix;"
    " alt version; outtake; out take; first take; early take; work in progress; wip; демо; デモ; 데모; maqueta;"
    " unfinished; leak; leaked",
    Kind.PREVIEW: "preview; snippet; teaser; trailer; clip preview; short clip; sample; excerpt; extract;"
    " 30 sec; shorts; 30 second preview; сниппет; отрывок; 予告; coming soon; out soon; minute preview;"
    " sneak peek; crossfade; xfade",
    Kind.CLEAN: "clean; clean version; clean edit; clean audio; censored; radio clean",
    Kind.MIXED: "mixed",
    Kind.RERECORDED: "re recorded; rerecorded; re recording; rerecording; re record; re recorded version",
    Kind.OTHER: "reaction; reacts; reacts to; reacting; reacting to; first time hearing; tutorial; lesson;"
    " how to play; guitar lesson; piano tutorial; drum tutorial; easy piano; synthesia; type beat; typebeat;"
    " tipo beat; type beats; review; album review; explained; analysis; breakdown; behind the scenes; making of;"
    " the making of; interview; documentary; parody; ringtone; sheet music; chords; tabs; tab; stems; flp;"
    " flp remake; fl studio; fl studio remake; ableton; ableton remake; logic remake; remake; recreation;"
    " how it was made; sample breakdown; dance practice; choreography; dance tutorial; dance; dance video;"
    " cover dance; gameplay; amv; edit audio; audio edit; разбор; обзор; реакция; пародия; урок; на гитаре;"
    " реагирую; 反応; 리액션; 踊ってみた; walkthrough; commentary; quiz; sound effect; midi; beat tutorial;"
    " drum lesson; bass tab; bass lesson; play along; dj tutorial; fan made",
    Kind.SINGLE: "single version; single mix; video version; video edit; movie version; film version;"
    " soundtrack version; single remix version",
    Kind.MONO: "mono; mono version; mono mix",
    Kind.LIVE: "live; en vivo; en directo; ao vivo; dal vivo; en concert; in concert; en direct; in diretta;"
    " live version; live session; live sessions; live performance; live video; live lounge; unplugged;"
    " mtv unplugged; tiny desk; tiny desk concert; concert; concert version; konzert; концерт; лайв; вживую;"
    " живое выступление; live acoustic; ライブ; ライヴ; 라이브; 现场; 現場; 演唱会; 演唱會; حفله; لايف; canlı;"
    " na żywo; livemusic; session; sessions; kexp; peel session; live ver; live in session; soundcheck; rehearsal;"
    " rehearsals; a colors show; colors show",
    Kind.COVER: "歌ってみた; 弾いてみた; 演奏してみた; 叩いてみた; 弾き語り; 翻唱; 翻弹; カバー; 커버; кавер;"
    " каверы; كوفر; קאבר; cover by; covered by; covered; cover version; cover song; covers; tribute; tribute to;"
    " a tribute to; tributo; tributo a; piano cover; guitar cover; drum cover; bass cover; violin cover;"
    " metal cover; rock cover; ai cover; acoustic cover; cover español; versión cover; reprise de; caratula;"
    " cover en español; fan cover; played by; performed by; sung by; rendition; lullaby version;"
    " lullaby rendition; 8 bit; 8bit; 8 bit version; music box; string quartet tribute; piano instrumental cover;"
    " عزف; على البيانو; игра на",
}

_OWNED: dict[Kind, str] = {
    Kind.REMIX: "remix; remixed; rmx; remixes; remix version; mix; ремикс; リミックス; 리믹스; 混音; ريمكس;"
    " רמיקס; remezcla",
    Kind.BOOTLEG: "bootleg; bootleg remix; bootleg mix; flip; bootie; refix; blooteg",
    Kind.REWORK: "rework; reworked; re work; remode; redux; reimagined; re imagined; revisited;"
    " reinterpretation; reconstruction; refresh; retouch; reprise; remodel; reshape; variation; rethink;"
    " rework mix; re rub; rerub",
    Kind.EDIT: "edit; re edit; reedit; edits; re-edit; tool",
    Kind.VIP: "vip; vip mix; vip edit; vip remix; vip version",
    Kind.DUB: "dub; dub mix; dub version; dubmix; dub remix",
    Kind.COVER: "cover; caratula; covering",
    Kind.NAMED: "version; ver; versión; versão; versione; версия; バージョン; 버전; 版; take; arrangement; arr;"
    " mood; treatment",
}


def _phrases() -> dict[Words, tuple[Role, Kind | None]]:
    table: dict[Words, tuple[Role, Kind | None]] = {}
    for role, text in _ROLES.items():
        for phrase in text.split(";"):
            table[words(phrase)] = (role, None)
    for kind, text in _PLAIN.items():
        for phrase in text.split(";"):
            table[words(phrase)] = (Role.NOISE, kind)
    for kind, text in _OWNED.items():
        for phrase in text.split(";"):
            table[words(phrase)] = (Role.OWNED, kind)
    table.pop((), None)
    return table


PHRASES = _phrases()
"""What a run of words says: a kind with its owner before it (`OWNED`), a plain kind (`NOISE` with a kind), a role."""
