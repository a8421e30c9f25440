"""What people call colours: answers of the xkcd colour survey (2010, about 200,000 people; public domain, CC0) whose
name is a basic term, alone or with a plain adjective. Each hex colour is the centre of the answers of that name."""

from __future__ import annotations

SURVEY: dict[str, str] = {
    "red": """e50000 dark:840000 deep:9a0200 bright:ff000d dull:bb3f3f dusty:b9484e faded:d3494e pale:d9544d
        light:ff474c brick:8f1402 wine:7b0323 cherry:f7022a blood:980002 pastel:db5856 tomato:ec2d01 rose:be013c
        lipstick:c0022f fire-engine:fe0002 burnt:9f2305 darkish:a90308""",
    "orange": """f97306 dark:c65102 deep:dc4d01 bright:ff5b00 dull:d8863b dusty:f0833a faded:f0944d pale:ffa756
        light:fdaa48 burnt:c04e01 pastel:ff964f dirty:c87606 pumpkin:fb7d07 blood:fe4b03""",
    "yellow": """ffff14 dark:d5b60a bright:fffd01 dull:eedc5b faded:feff7f pale:ffff84 light:fffe7a mustard:d2bd0a
        golden:fec615 pastel:fffe71 dirty:cdc50a sunny:fff917 lemon:fdff38 muddy:bfac05 neon:cfff04 sandy:fdee73""",
    "green": """15b01a dark:033500 deep:02590f bright:01ff07 dull:74a662 dusty:76a973 faded:7bb274 pale:c7fdb5
        light:96f97b forest:06470c olive:677a04 army:4b5d16 lime:89fe05 mint:8fff9f sea:53fca1 moss:658b38 grass:3f9b0b
        pastel:b0ff9d medium:39ad48 soft:6fc276 hunter:0b4008 bottle:044a05 sage:88b378 kelly:02ab2e pine:0a481e
        emerald:028f1e military:667c3e very-dark:062e03 muted:5fa052 drab:749551""",
    "blue": """0343df dark:00035b deep:040273 bright:0165fc dull:49759c dusty:5a86ad faded:658cbb pale:d0fefe
        light:95d0fc navy:001146 royal:0504aa sky:75bbfd baby:a2cffe pastel:a2bffe medium:2c6fbb soft:6488ea
        steel:5a7d9a slate:5b7c99 denim:3b5b92 muted:3b719f cadet:4e7496 cobalt:030aa7 powder:b1d1fc prussian:004577
        midnight:020035 light-navy:155084 dirty:3f829d flat:3c73a8 dusk:26538d cornflower:5170d7 metallic:4f738e
        ocean:03719c""",
    "purple": """7e1e9c dark:35063e deep:36013f bright:be03fd dull:84597e dusty:825f87 faded:916e99 pale:b790d4
        light:bf77f6 royal:4b006e pastel:caa0ff medium:9e43a2 soft:a66fb5 muted:805b87 neon:bc13fe dusky:895b7b
        grape:5d1451 very-dark:2a0134 ugly:a442a0 rich:720058 baby:ca9bf7""",
    "pink": """ff81c0 dark:cb416b bright:fe01b1 dull:d5869d dusty:d58a94 faded:de9dac pale:ffcfdc light:ffd1df
        hot:ff028d baby:ffb7ce pastel:ffbacd medium:f36196 soft:fdb0c0 dirty:ca7b80 dusky:cc7a8b muted:d1768f
        salmon:fe7b7c rose:f7879a coral:ff6163 neon:fe019a old:c77986 darkish:da467d""",
    "brown": """653700 dark:341c02 deep:410200 dull:876e4b light:ad8150 dirt:836539 mud:60460f medium:7f5112
        chocolate:411900 pale:b1916e warm:964e02 golden:b27a01 reddish:7f2b0a rust:8b3103 tan:ab7e4c clay:b2713d
        muddy:886806 very-dark:1d0200""",
    "grey": """929591 dark:363737 light:d8dcd6 medium:7d7f7c charcoal:3c4142 slate:59656d cool:95a3a6 warm:978a84
        steel:6f828a battleship:6b7c85""",
    "white": "ffffff off:ffffe4",
    "black": "000000 almost:070d0d",
}  # fmt: skip


def answers() -> list[tuple[str, str, tuple[int, int, int]]]:
    """(what it is called in full, the basic term, blue-green-red) of every answer."""
    found = []
    for term, text in SURVEY.items():
        for word in text.split():
            adjective, _, digits = word.rpartition(":")
            red, green, blue = (int(digits[i : i + 2], 16) for i in (0, 2, 4))
            found.append((f"{adjective} {term}".strip(), term, (blue, green, red)))
    return found
