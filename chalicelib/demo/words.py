"""The words of the demo company: what it sells and where, names, and the small change of its people's talk."""

from __future__ import annotations

PRODUCTS = (
    *("空气炸锅", "破壁机", "扫地机", "电饭煲", "养生壶", "加湿器", "吸尘器", "取暖器"),
    *("洗碗机", "净水器", "烤箱", "微波炉", "洗衣机", "油烟机", "料理机", "按摩椅"),
)
CITIES = ("杭州", "成都", "武汉", "南京", "西安", "苏州", "长沙", "青岛", "合肥", "佛山", "厦门", "郑州")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "洋",
    "勇",
    "军",
    "秀兰",
    "桂英",
    "子涵",
    "雨桐",
    "浩然",
)
UNISSUED = ("154", "160", "161", "163", "164", "168", "169")
"""Beginnings of mobile numbers that no operator has been given, so that none of them is a person's."""

OPENINGS = ("你好，", "您好，", "亲，", "您好！", "请问一下，", "跟你们反映一下，", "第一次写评价。")
ENDINGS = (
    *("，麻烦尽快处理", "，很着急", "，等你们回复", "，订单号{order}", "，电话{mobile}", "，{city}的地址"),
    *("。买的是{product}", "，唉", "，今天必须给我答复", "🙏", "😮‍💨", "，我是{city}的老顾客"),
)
TYPOS = {"的": "得", "在": "再", "已经": "以经", "账": "帐", "质量": "质两", "客服": "客付", "退款": "退宽"}

NOTES = (
    "已联系客户并处理完毕",
    "已补发，附运单号",
    "已全额处理，短信告知客户",
    "已安排专人上门",
    "已更正并致歉",
)
COMMENTS = (
    ("lead", "@agent.wang 请再和客户确认一下收货地址和方便的时间"),
    ("agent", "@{lead} 客户说明天在家，上午可以"),
    ("lead", "@agent.li 仓库那边已经查到记录，请告知客户"),
    ("agent", "@{lead} 客户又来问进度，请给一个确切日期"),
)
TASKS = {
    "logistics": ("supply", "请核对库存与出库记录"),
    "quality": ("supply", "请追查这一批次的供货记录"),
    "finance": ("service", "请向客户核实退款账户"),
    "aftersales": ("quality", "请给出检测结论"),
    "service": ("it", "请查一下通话与会话日志"),
    "it": ("service", "请录一段客户的操作步骤"),
    "operations": ("service", "请回复客户"),
    "marketing": ("finance", "请核对活动结算"),
    "membership": ("it", "请核对积分流水"),
    "legal": ("it", "请导出该客户的短信发送记录"),
    "supply": ("logistics", "请给出到仓时间"),
}
"""What a department asks which other one for."""
SAID_SOLVED = ("已经解决了，谢谢", "处理好了", "收到了，没问题了", "")
SAID_NOT_SOLVED = ("还是没有解决", "说处理了，可是没人联系我", "没解决，还要等多久", "")
PROMISES = (
    ("回电告知进展", 480),
    ("查到物流后短信告知", 540),
    ("退款到账后回电确认", 1_620),
    ("请师傅改约上门时间", 1_080),
    ("补寄配件并告知单号", 1_080),
    ("核对优惠后回电", 240),
)
"""What agents promise, and within how many working minutes."""
