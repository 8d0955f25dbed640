"""The passwords of ten and more characters that lead every leaked list, case-folded; identity refuses them."""

_WORDS = """
1234567890 12345678910 123456789a 0123456789 0987654321 1234512345 1111111111 123123123123 1q2w3e4r5t 1q2w3e4r5t6y
1qaz2wsx3edc qwertyuiop qwerty1234 qwerty12345 qwerty123456 qwertyuiop123 asdfghjkl1 asdfghjkl; zxcvbnm123 qazwsxedcrfv
password12 password123 password1234 password12345 passw0rd123 p@ssw0rd123 p@ssword123 passwordpassword mypassword mypassword1
letmein123 letmein1234 welcome123 welcome1234 iloveyou12 iloveyou123 iloveyou1234 football123 baseball123 basketball
sunshine123 princess123 superman123 batman1234 spiderman1 starwars123 pokemon123 dragon1234 monkey1234 shadow1234 master1234
michael123 jennifer12 jordan2323 changeme123 changeme1234 administrator admin12345 admin123456 administrator1 rootroot12
trustno1234 whatever12 whatever123 freedom123 computer123 internet123 samsung123 liverpool1 liverpool123 chelsea123 arsenal123
manchester barcelona1 barcelona123 charlie123 abc1234567 abcd123456 abcdef1234 abcdefghij abcdefghijk a123456789 aa12345678
q1w2e3r4t5 q1w2e3r4t5y6 zaq12wsxcde3 1qazxsw23edc 987654321a 147258369a 1472583690 9876543210 5555555555 6666666666 7777777777
8888888888 9999999999 0000000000 1212121212 1010101010 secret1234 secret12345 test123456 testtest12 testtesttest qweqweqwe1
asdasdasd1 asdfasdfasdf qwerqwerqwer zxczxczxc1 hello12345 helloworld helloworld1 summer2024 summer2025 winter2024 winter2025
spring2024 spring2025 autumn2024 autumn2025 correcthorse agentfactory agent-factory agentfactory1 correcthorsebatterystaple
"""
COMMON_PASSWORDS = frozenset(_WORDS.split())
